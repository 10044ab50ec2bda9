"""Whom to ask about: independent directions, one file each. Never by pairs of accounts.

``templates``: fingerprints repeated within an account and shared across accounts. ``ties``: payment, sign-up, address.
The third direction of DESIGN section 6, a surge in the population against weeks of history, belongs here as ``surge``.
"""
