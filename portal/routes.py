"""Every blueprint of the portal, in one list."""

from __future__ import annotations

from apiflask import APIFlask

from portal.config import Config


def add_routes(app: APIFlask, config: Config) -> None:
    """Register the features; the rehearsal's doors exist only in a rehearsal."""
