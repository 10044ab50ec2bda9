"""Where detection breaks, and what staying unnoticed costs: ``python -m bench.evasion``.

Composing, scanning and judging are those of ``stillwatch rehearse``; this package only chooses what to plant.
"""
