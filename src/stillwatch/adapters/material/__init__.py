"""Port: where a composer's material and scenarios come from. One file a technology."""
