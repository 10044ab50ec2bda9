"""The gateway: decisions for whoever serves a model, in their own process or over HTTP."""
