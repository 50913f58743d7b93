"""Rehearsal: invented people play whole cases through the API, on a clock that can be moved.

Nothing here is reachable unless the setting MINGAN_REHEARSAL is on; every page then says so.
"""
