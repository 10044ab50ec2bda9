"""Whom to ask about: independent directions, one file each. Never by pairs of accounts.

``templates``: fingerprints repeated within an account and shared across accounts. ``ties``: payment, sign-up, address.
``surge``: suddenly many accounts like this one, against weeks of history.
"""
