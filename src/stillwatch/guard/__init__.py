"""MAY THIS LEAVE? Agreement, clauses, release or refusal, and the ledger that proves what was shared."""
