"""The member's side of the forum: what we share, what we receive, and what we can show about both."""
