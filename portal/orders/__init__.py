"""Order snapshots that the platform hands over: immutable, versioned, checked to the fen."""
