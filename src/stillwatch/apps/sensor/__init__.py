"""The sensor: one run from logs to campaigns. It wires sources, rooms, engine, history and reports together."""
