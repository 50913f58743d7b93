"""Panels for people: calling, drawing, voting under seal, opening. The mathematics is reviewers/."""
