"""A demo's simulator: a process of its own beside the portal, with a page to watch it by.

simulator/provider.sqlite   its books       simulator/keys       keys of both sides
simulator/payments.toml     the portal's settings, written when it listens
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.companions import listen, start, stop
from portal.config import Config
from portal.keyfile import make_private_folder
from portal.simulator.server import HOST
from portal.simulator.settings import FILE
from portal.speech import say

PORT = 8470
_BESIDE = 10  # its port is the portal's and this, when it is free
_LOG = "companion.log"


def prepare_simulator(config: Config) -> None:
    """This is a demo: from now on the portal starts with a simulator beside it."""
    if config.rehearsal and config.payments is None:
        make_private_folder(folder_of(config))
        (folder_of(config) / _LOG).touch(0o600)


@contextmanager
def demo_simulator(config: Config) -> Iterator[Path | None]:
    """The simulator runs while the block lasts; gives the settings of a portal that uses it.

    Nothing is started, and None given, where no demo was made or providers are named.
    """
    folder = folder_of(config)
    if config.payments is not None or not (folder / _LOG).exists():
        yield None
        return
    port = str(_free_port(config.port + _BESIDE))
    arguments = ["portal", "simulator", "--port", port, "--folder", str(folder)]
    owner, process = os.getpid(), start(arguments, folder / _LOG)
    try:
        if url := listen(process).url:
            say(f"模拟支付机构：{url}", f"Provider simulator: {url}")
            yield folder / FILE
        else:
            say("模拟支付机构没有启动", "the provider simulator did not start")
            yield None  # the one within the portal stands in, with the same books
    finally:
        if os.getpid() == owner:  # a worker that was forked unwinds through here as well
            stop([process])


def folder_of(config: Config) -> Path:
    """Where the simulator of this installation keeps everything."""
    return config.folder / "simulator"


def _free_port(wanted: int) -> int:
    """The same address at each start is easier to remember; any will do."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except (OSError, OverflowError):
            return 0
    return wanted
