"""The pool of reviewers: how somebody comes in, what may change, how somebody leaves.

The stream `pool` is the truth. Names, addresses and ties are kept beside it, in plain SQL: the
stream knows pseudonyms only and forgets nothing.
"""
