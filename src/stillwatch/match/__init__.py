"""WHO ELSE HAS SEEN IT? Blinding, two key holders, thresholds, budgets: what members share is found, nothing else."""
