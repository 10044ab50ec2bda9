"""WHO ELSE HAS SEEN IT? Blinding, two key holders, thresholds and budgets: members find what they share, and nothing else."""
