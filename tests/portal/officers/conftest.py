"""The portal of these tests."""

from __future__ import annotations

from tests.portal.rooms import app

__all__ = ["app"]
