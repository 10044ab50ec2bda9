"""The member's side of private matching: what to ask, a session that survives a kill, what came back."""
