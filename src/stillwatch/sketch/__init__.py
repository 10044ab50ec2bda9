"""What may we keep of it? Exchanges with their words come in; numbers under the provider's own key go out.

Text stops here: nothing after this room sees a prompt or a completion.
"""
