"""What decisions cost: in the gateway's own process, and through its servers."""
