"""A slow line: a request for money arrives after its sender has given up, or has died.

Within one process the simulator's own SLOW would only keep everybody waiting. Here the request lies
in a folder and is carried out before the first exchange after its time, whoever makes that one.
"""

from __future__ import annotations

import json
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.providers.calling import Caller, NoReply, Reply

# Longer than the twenty seconds that a request may take, and less than what is waited for.
SECONDS = 25
# Alipay asks by POST as well; what is asked stands in the address.
QUESTION = re.compile(r"[?&]method=alipay\.[a-z.]+\.query(&|$)")
Call = Callable[..., Reply]


@dataclass(frozen=True)
class SlowLine:
    """`folder` holds `slow-<n>` for each request that is still to be late, and the requests that
    are on their way."""

    folder: Path
    now: Callable[[], datetime]

    def slow_down(self, times: int) -> None:
        self.folder.mkdir(exist_ok=True)
        for number in range(times):
            (self.folder / f"slow-{number}").touch()

    def watch(self) -> None:
        """From now on every exchange of this process goes over this line."""
        call = Caller.call

        def slowly(
            caller: Caller, method: str, url: str, headers: Mapping[str, str], content: bytes = b""
        ) -> Reply:
            self._deliver(caller, call)
            if is_for_money(method, url) and self._is_late():
                self._keep(method, url, headers, content)
                raise NoReply("TIMEOUT")
            return call(caller, method, url, headers, content)

        Caller.call = slowly  # type: ignore[method-assign]

    @property
    def waits(self) -> list[str]:
        """What was never sent, or never arrived."""
        return sorted(path.name for path in self.folder.glob("*"))

    def _is_late(self) -> bool:
        return any(_take(path) for path in sorted(self.folder.glob("slow-*")))

    def _keep(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> None:
        due = int(self.now().timestamp() * 1000) + SECONDS * 1000
        sent = [method, url, dict(headers), b64encode(content).decode()]
        path = self.folder / f"sent-{due}-{os.getpid()}"
        part = self.folder / f"part-{os.getpid()}"
        part.write_text(json.dumps(sent))
        part.rename(path)

    def _deliver(self, caller: Caller, call: Call) -> None:
        now = int(self.now().timestamp() * 1000)
        for path in sorted(self.folder.glob("sent-*")):
            if int(path.name.split("-")[1]) <= now and (sent := _take(path)):
                method, url, headers, content = json.loads(sent)
                with suppress(NoReply):
                    call(caller, method, url, headers, b64decode(content))


def is_for_money(method: str, url: str) -> bool:
    return method == "POST" and not QUESTION.search(url)


def _take(path: Path) -> Any:
    """What the file says, or more than nothing, for the one process that takes it away."""
    mine = path.with_name(f"taken-{path.name}-{os.getpid()}")
    try:
        path.rename(mine)
    except FileNotFoundError:
        return ""
    said = mine.read_text() or path.name
    mine.unlink()
    return said
