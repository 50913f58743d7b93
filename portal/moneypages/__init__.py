"""Where the money of a case is: for its parties on pages and as CSV, for programs as JSON."""
