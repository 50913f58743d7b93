"""Panels for people: calling, drawing, voting under seal, opening. reviewers/ does the counting."""
