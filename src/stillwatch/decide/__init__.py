"""WHAT DO WE DO NOW? Courses of action, permits, access rings, appeals, and the table that a gateway answers from."""
