"""Gateways: what asks for a decision in the request path, and taps what passes. A file for each technology."""
