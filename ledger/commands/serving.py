"""Commands that run until they are stopped: serve, witness, mirror."""

from __future__ import annotations

from argparse import Namespace

from ledger.commands.desk import read_vkeys, store_url
from ledger.commands.report import Report
from ledger.mirroring.mirror import run as run_mirror
from ledger.mirroring.server import LogServer
from ledger.stores.opening import open_store
from ledger.witnessing.witness_server import run as run_witness


def serve(options: Namespace, report: Report) -> bool:
    """Serve a store to everybody, read-only."""
    origin = read_vkeys(options.store)[0].name
    store = open_store(store_url(options.store), writing=False)
    with LogServer(options.host, options.port, store, origin) as server:
        report.announce(f"serving {origin} at {server.url}", origin=origin, url=server.url)
        server.serve_forever()
    return True


def witness(options: Namespace, report: Report) -> bool:
    """Run a witness from its configuration."""
    return run_witness(options.config) == 0


def mirror(options: Namespace, report: Report) -> bool:
    """Run a mirror from its configuration."""

    def say(line: str) -> None:
        report.announce(line, said=line)

    return run_mirror(options.config, say, once=options.once) == 0
