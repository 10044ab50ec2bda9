"""WOULD WE HAVE CAUGHT IT? Composes populations with known truth: ordinary accounts, their look-alikes, campaigns.

``compose(scenario, material, seed)`` is the door. Chance comes from the seed alone: the same seed gives the same bytes.
"""
