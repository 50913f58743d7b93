"""Eighteen sentences about money that hold at every moment, each a check that anybody can run."""
