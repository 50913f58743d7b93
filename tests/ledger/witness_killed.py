"""A witness that dies at a chosen moment: CONFIG [NUMBER before|after].

NUMBER counts the steps of the answers after the start: signing, syncing the file, putting it in
place, syncing the folder, sending. Without it the witness lives.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from ledger.witnessing import durable, witness_server, witness_state

STEPS = 5


def main(config: str, number: str = "", when: str = "") -> int:
    if number:
        _arm(int(number), when)
    return witness_server.run(Path(config))


def _arm(number: int, when: str) -> None:
    steps = count(1)

    def deadly(function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            now = next(steps) == number
            if now and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = function(*arguments, **options)
            if now and when == "after":
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return step

    witness_state.cosign = deadly(witness_state.cosign)
    durable.os.fsync = deadly(os.fsync)
    durable.os.replace = deadly(os.replace)
    witness_server._Handler._send = deadly(witness_server._Handler._send)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
