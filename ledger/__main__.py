"""python -m ledger: verify a bundle or a store, make a key.

    python -m ledger verify BUNDLE.zip [--key VKEY]
    python -m ledger verify FOLDER | folder:/PATH | s3://BUCKET/PREFIX?endpoint=URL [--key VKEY]
    python -m ledger keygen NAME [--out FILE]

verify prints one line for each check and ends with 0 if all hold, with 1 if one is broken,
with 2 if the check could not be made. keygen prints the public key.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ledger import keys
from ledger.errors import LedgerError
from ledger.finding import Finding, Level
from ledger.fsck import fsck
from ledger.note import parse_vkey
from ledger.opening import open_store
from ledger.verify import verify_bundle

SOUND, BROKEN, IMPOSSIBLE = 0, 1, 2


def main(arguments: Sequence[str]) -> int:
    """Run one command; the answer is the exit status."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "keygen":
            return _keygen(options.name, options.out)
        return _report(_findings(options.target, options.key))
    except (LedgerError, ValueError, OSError) as error:
        print(f"cannot check: {error}", file=sys.stderr)
        return IMPOSSIBLE


def _findings(target: str, vkey: str | None) -> Iterator[Finding]:
    if vkey is not None:
        parse_vkey(vkey)
    path = Path(target)
    if path.is_file():
        with path.open("rb") as file:
            yield from verify_bundle(file, vkey)
    else:
        url = target if ":" in target else f"folder:{path.resolve()}"
        yield from fsck(open_store(url, writing=False), vkey)


def _report(findings: Iterable[Finding]) -> int:
    status = SOUND
    for finding in findings:
        print(finding, flush=True)
        if finding.level is Level.BROKEN:
            status = BROKEN
    print("sound" if status == SOUND else "NOT sound")
    return status


def _keygen(name: str, out: Path | None) -> int:
    signer = keys.generate(name)
    path = out or Path(f"{name.replace('/', '-')}.key")
    keys.save(signer, path)
    print(signer.vkey)
    print(f"the private key is in {path}", file=sys.stderr)
    return SOUND


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ledger", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="check a bundle or a whole store")
    verify.add_argument("target", help="a bundle's zip file, a folder, or the URL of a store")
    verify.add_argument("--key", metavar="VKEY", help="the log's public key, from elsewhere")
    keygen = commands.add_parser("keygen", help="make the key of a new log")
    keygen.add_argument("name", help="origin: host name and path, such as mingan.example/log")
    keygen.add_argument("--out", type=Path, metavar="FILE", help="where the private key goes")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
