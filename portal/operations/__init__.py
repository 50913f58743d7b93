"""Keeping it running: health, what stands too long, the pool of reviewers, accounts and tokens."""
