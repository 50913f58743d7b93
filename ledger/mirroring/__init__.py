"""Serving a log to readers, and keeping a full copy of one."""
