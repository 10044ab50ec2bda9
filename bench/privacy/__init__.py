"""Attacks on private matching, run as experiments: what each party alone recovers, and what two together do."""
