"""Telling a platform's own system what happened, signed as Standard Webhooks 1.0 asks."""
