"""One file a chart. Each turns a campaign and its figures into a ``Drawing``: two sizes, a sentence, a table."""
