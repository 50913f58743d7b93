"""Stripe's API version 1, as far as refunds go (docs.stripe.com/api)."""
