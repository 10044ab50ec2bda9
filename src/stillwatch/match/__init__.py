"""WHO ELSE HAS SEEN IT? Blinding, two key holders, thresholds and budgets: what members share is found, the rest not."""
