"""Deciding: from a scan and local rules to a table in force. Commands: decide, permit, ring."""
