"""What is owed in kind: shipped or done in time, confirmed, or fallen back to a refund."""
