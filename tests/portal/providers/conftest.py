"""A port on this machine that nobody holds."""

from __future__ import annotations

import socket

import pytest


@pytest.fixture(scope="module")
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
