"""Pages for everybody: the front page, the rules, help."""
