"""The forum's database: members, collections, objects and the ledger that proves them, in SQLite or PostgreSQL."""
