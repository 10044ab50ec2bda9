"""The trustee: the second holder of a matching key, run by somebody else than the forum."""
