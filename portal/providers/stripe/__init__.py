"""Stripe's API version 1: refunds on the original route, and nothing beyond them.

Its idempotency keys are forgotten after a day, and then the same key refunds again; and some who
speak its language never heard of keys. So `metadata.refund_no` is looked up before every request: a
key is a help, the look-up is the proof. Stripe signs webhooks, not answers.

Source: docs.stripe.com/api/refunds, /api/idempotent_requests, /webhooks/signatures.
"""
