"""HOW DO THEY BEHAVE? Aggregates that merge, and links between accounts and what they share.

Everything here is a ``Query``: canonical SQL as a value, run by whatever ``Engine`` the app wires in. No text comes
this far: the queries join and group the numbers that ``sketch`` left.
"""
