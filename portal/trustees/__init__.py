"""Whom ballots are sealed to: who they are, asking them, and what happens when they are away.

The program that a trustee runs is the package `trustee`; it shares nothing with the portal but
the form of an envelope and the public keys.
"""
