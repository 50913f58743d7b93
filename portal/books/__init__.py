"""The books: who bears each movement of money, posted once, to the fen, and never rewritten."""
