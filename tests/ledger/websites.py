"""Web servers for tests, on loopback, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from ledger.mirroring.server import LogServer
from ledger.stores.store import Store
from tests.ledger.builders import ORIGIN


@contextmanager
def serving(store: Store) -> Iterator[LogServer]:
    """Our own server over a store."""
    with LogServer("127.0.0.1", 0, store, ORIGIN) as server, _running(server):
        yield server


@contextmanager
def serving_files(folder: Path) -> Iterator[str]:
    """A server that knows nothing of ledgers; its address."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, _running(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def _running(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
