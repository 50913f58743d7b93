"""One measurement in a process of its own, so that its peak memory is nobody else's.

    python -m benchmarks.samples MODULE FUNCTION FOLDER [ARGUMENT ...]

The function gets a fresh folder and the arguments, and returns a Sample; it is printed as JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.report import peak_mb

ROOT = Path(__file__).parents[1]
_PATIENCE_SECONDS = 3_600


@dataclass(frozen=True)
class Sample:
    """What was measured, and beside it the physical limit in turns with it, if there is one."""

    value: float
    limit: float = 0.0
    p50_ms: float | None = None
    p99_ms: float | None = None
    peak_mb: float = 0.0


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """A folder for a log: on $BENCH_DIR, which should be a disk and not memory, or in /tmp."""
    with TemporaryDirectory(prefix="mingan-bench-", dir=os.environ.get("BENCH_DIR")) as folder:
        yield Path(folder)


def measure_apart(
    module: str, function: str, *arguments: str, settings: Mapping[str, str] | None = None
) -> Sample:
    """Run a function of a module in a process of its own."""
    with fresh_folder() as folder:
        return run_apart(module, function, folder, *arguments, settings=settings)


def run_apart(
    module: str,
    function: str,
    folder: Path,
    *arguments: str,
    settings: Mapping[str, str] | None = None,
) -> Sample:
    """The same in a folder that is there."""
    command = [sys.executable, "-m", "benchmarks.samples", module, function, str(folder)]
    done = subprocess.run(
        [*command, *arguments],
        cwd=ROOT,
        env={**os.environ, **(settings or {})},
        stdout=subprocess.PIPE,
        timeout=_PATIENCE_SECONDS,
        check=True,
    )
    return Sample(**json.loads(done.stdout.splitlines()[-1]))


def timed(work: Callable[[], object]) -> float:
    """Seconds that it took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def waits(seconds: Iterable[float]) -> dict[str, float]:
    """The waits that half, and all but one in a hundred, do not exceed; in milliseconds."""
    spent = sorted(seconds)
    at = {"p50_ms": 0.5, "p99_ms": 0.99}
    return {
        name: round(spent[min(int(len(spent) * part), len(spent) - 1)] * 1000, 3)
        for name, part in at.items()
    }


def main(module: str, function: str, folder: str, *arguments: str) -> None:
    sample: Sample = getattr(importlib.import_module(module), function)(Path(folder), *arguments)
    print(json.dumps(asdict(sample) | {"peak_mb": sample.peak_mb or peak_mb()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
