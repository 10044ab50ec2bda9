"""Composed cases of known operators: how often attribution puts the truth first, and how honest its confidence is."""
