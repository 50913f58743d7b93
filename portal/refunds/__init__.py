"""Money moves here: an order becomes one request to a provider, once, with every step recorded."""
