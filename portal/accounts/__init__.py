"""Accounts: people who sign in and programs that carry a token. Plain SQL, not in the ledger."""
