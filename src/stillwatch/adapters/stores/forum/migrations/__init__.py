"""Versions of the forum's tables, in order (Alembic). A published version is never edited."""
