"""Limits and switches over money, and the people who let it go."""
