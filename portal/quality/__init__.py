"""Measures of the pool's judging, made every night from the record and published by quarter.

They prompt people to look. No measure pauses, removes or rewards anybody, and none asks whether a
reviewer agreed with the majority.
"""
