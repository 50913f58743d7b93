"""The integrity docket: somebody reports, the one reported answers, the operator decides.

A flag accuses nobody: until a decision it is a question. Every decision has its reasons, the
association sees all of them, and whoever reported can follow theirs by its number alone.
"""
