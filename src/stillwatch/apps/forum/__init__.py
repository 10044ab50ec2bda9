"""The forum: a TAXII server, its members, its ledger. It never sees a log."""
