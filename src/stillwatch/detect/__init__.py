"""WHO WORKS TOGETHER, FOR WHAT? Candidates, then evidence line by line, then one weight in bits.

Hypotheses are groups of accounts. Candidates come from ``candidates/`` (one file a direction), each is judged by every
line in ``evidence/`` (one file a line), ``weigh`` adds the bits and names the level, ``membership`` says who belongs.
"""
