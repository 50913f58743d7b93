"""One portal for all pages of an obligation: the story goes on from test to test."""

from __future__ import annotations

from tests.portal.rooms import one_app as app

__all__ = ["app"]
