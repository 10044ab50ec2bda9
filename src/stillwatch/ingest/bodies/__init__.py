"""What the caller sent and what the model answered, read from bodies of several APIs into one shape."""
