"""WHAT DO WE CONCLUDE? Findings joined to campaigns, what was served, when it would have been noticed, what is
uncertain."""
