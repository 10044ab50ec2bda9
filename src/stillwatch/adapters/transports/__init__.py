"""Ways to a forum: each takes releases of the guard and nothing else."""
