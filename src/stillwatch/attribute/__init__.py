"""WHO, AND HOW SURE? Overlap between campaigns, and competing hypotheses scored on the same evidence."""
