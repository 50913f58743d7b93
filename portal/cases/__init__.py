"""The case itself: what has happened to it so far, and the rows that lists and pages read."""
