"""Three trustees as they run in the field, each with its own key, folder and web server."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from portal.trustees.settings import HOLDERS
from reviewers.trustee.__main__ import SETTINGS, TOKEN, make
from reviewers.trustee.config import load_config
from reviewers.trustee.keeping import open_keeper
from reviewers.trustee.server import TrusteeServer

NAMES = ("operator", "association", "third")


@dataclass
class Keyholders:
    """`settings` is the file for MINGAN_TRUSTEES. Who was stopped can be started again: the
    address stays, as it does in the field."""

    folder: Path
    keys: dict[str, str]
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, ExitStack] = field(default_factory=dict)

    @property
    def settings(self) -> Path:
        return self.folder / "trustees.toml"

    def start(self, name: str) -> None:
        self.start_at(name, self.ports.get(name, 0))

    def start_at(self, name: str, port: int) -> None:
        config = replace(load_config(self.folder / name / SETTINGS), port=port)
        with ExitStack() as stack:
            keeper = stack.enter_context(open_keeper(name, config.key, config.state))
            token = config.token.read_text().strip()
            server = TrusteeServer(config, keeper, token, lambda: datetime.now(UTC).isoformat())
            stack.callback(server.server_close)
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            self.ports[name] = server.server_address[1]
            self.running[name] = stack.pop_all()

    def stop(self, name: str) -> None:
        self.running.pop(name).close()

    def write_settings(self) -> None:
        parts = [self._entry(holder, name) for holder, name in zip(HOLDERS, NAMES, strict=True)]
        self.settings.write_text("\n".join(parts))

    def _entry(self, holder: str, name: str) -> str:
        return (
            f'[[trustee]]\nname = "{name}"\nholder = "{holder}"\nkey = "{self.keys[name]}"\n'
            f'url = "http://127.0.0.1:{self.ports[name]}"\ntoken_file = "{name}/{TOKEN}"\n'
        )


@contextmanager
def keyholders(folder: Path, vkeys: Iterable[str]) -> Iterator[Keyholders]:
    """All three run and know the log by these keys; whoever still runs is ended at the end."""
    known = list(vkeys)
    keys = {name: make(folder / name, name, known, "127.0.0.1:0") for name in NAMES}
    three = Keyholders(folder, keys)
    try:
        for name in NAMES:
            three.start(name)
        three.write_settings()
        yield three
    finally:
        for name in list(three.running):
            three.stop(name)
