"""python -m ledger COMMAND STORE: an evidence ledger in a folder or a bucket.

    init STORE --origin NAME                       make a log and its keys
    append STORE --stream S FILE|-                 add an entry, or one a line
    publish STORE                                  sign what was appended
    show STORE N|STREAM                            print entries
    prove STORE N --out F.tlog-proof               a receipt, to be checked offline
    bundle STORE STREAM --out F.zip                a whole stream with its proofs
    verify F.zip|F.tlog-proof|STORE --vkey KEY     check it
    fsck STORE [--repair]                          check everything; make derived objects again
    erase STORE STREAM                             destroy what can read a stream
    keys STORE                                     the public keys
    probe STORE [--deep]                           may this store hold a ledger?
    serve STORE                                    read-only web server
    witness CONFIG, mirror CONFIG                  run one, from one file

STORE is a folder or s3://bucket/prefix (desk.py). The exit status is 0 if all is well, 1 if
something is wrong or could not be done, 2 if the command line itself makes no sense.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.commands import checking, reading, serving, writing
from ledger.commands.report import Report
from ledger.errors import LedgerError

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]

Run = Callable[[argparse.Namespace, Report], bool]


def main(arguments: Sequence[str]) -> int:
    """Run one command; the answer is the exit status."""
    options = build_parser().parse_args(arguments)
    report = Report(as_json=options.json)
    run: Run = options.run
    try:
        return report.finish(ok=run(options, report))
    except KeyboardInterrupt:
        return 1
    except BrokenPipeError:  # whoever read our lines has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (LedgerError, ValueError, OSError, OverflowError) as error:
        return report.fail(error)


def build_parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = argparse.ArgumentParser(
        prog="python -m ledger",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_writing(commands)
    _add_reading(commands)
    _add_checking(commands)
    _add_serving(commands)
    return parser


def _add_writing(commands: _Commands) -> None:
    init = _command(commands, "init", writing.init)
    init.add_argument("--origin", required=True, help="host name and path: mingan.example/log")
    append = _command(commands, "append", writing.append)
    append.add_argument("--stream", required=True, help="1 to 200 printable characters, no space")
    append.add_argument("--expected", type=_count, metavar="N", help="only if it has N entries")
    append.add_argument("--key", help="idempotency key: the same one appends once")
    append.add_argument("--lines", action="store_true", help="one entry for each line")
    append.add_argument("--plain", action="store_true", help="not sealed: everybody may read it")
    append.add_argument("file", metavar="FILE", help="a file, or - for standard input")
    publish = _command(commands, "publish", writing.publish)
    publish.add_argument("--policy", type=Path, metavar="FILE", help="witnesses (tlog-policy)")
    publish.add_argument(
        "--require-witnesses", action="store_true", help="nothing without the quorum of --policy"
    )
    publish.add_argument("--tsa", metavar="URL", help="time-stamping authority (RFC 3161)")
    _command(commands, "erase", writing.erase).add_argument("stream", metavar="STREAM")


def _add_reading(commands: _Commands) -> None:
    show = _command(commands, "show", reading.show)
    show.add_argument("what", metavar="N|STREAM", help="an entry's number, or a stream")
    prove = _command(commands, "prove", reading.prove)
    prove.add_argument("number", type=_count, metavar="N")
    prove.add_argument("--out", type=Path, required=True, metavar="F.tlog-proof")
    prove.add_argument("--entry", type=Path, metavar="FILE", help="write the entry's bytes here")
    bundle = _command(commands, "bundle", reading.bundle)
    bundle.add_argument("stream", metavar="STREAM")
    bundle.add_argument("--out", type=Path, required=True, metavar="F.zip")
    bundle.add_argument("--disclose", action="store_true", help="show what can be opened here")
    bundle.add_argument("--extra", type=Path, action="append", default=[], metavar="FILE")
    bundle.add_argument("--policy", type=Path, metavar="FILE", help="witnesses, to be named in it")
    _command(commands, "keys", reading.keys)


def _add_checking(commands: _Commands) -> None:
    verify = _command(commands, "verify", checking.verify, store=False)
    verify.add_argument("target", metavar="F.zip|F.tlog-proof|STORE")
    verify.add_argument("--vkey", metavar="KEY", help="the log's public key, or a file of it")
    verify.add_argument("--entry", type=Path, metavar="FILE", help="the bytes of a receipt's entry")
    verify.add_argument("--policy", type=Path, metavar="FILE", help="witnesses that you trust")
    verify.add_argument("--roots", type=Path, metavar="PEM", help="time authorities you trust")
    fsck = _command(commands, "fsck", checking.fsck)
    fsck.add_argument("--vkey", metavar="KEY", help="the log's public key, or a file of it")
    fsck.add_argument("--repair", action="store_true", help="make tiles and bundles again")
    probe = _command(commands, "probe", checking.probe)
    probe.add_argument("--deep", action="store_true", help="with races of many threads")


def _add_serving(commands: _Commands) -> None:
    serve = _command(commands, "serve", serving.serve)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_count, default=8702, help="0 takes any free one")
    witness = _command(commands, "witness", serving.witness, store=False)
    witness.add_argument("config", type=Path, metavar="CONFIG")
    mirror = _command(commands, "mirror", serving.mirror, store=False)
    mirror.add_argument("config", type=Path, metavar="CONFIG")
    mirror.add_argument("--once", action="store_true", help="fetch what is new, then end")


def _command(
    commands: _Commands, name: str, run: Run, *, store: bool = True
) -> argparse.ArgumentParser:
    said = (run.__doc__ or "").splitlines()[0]
    parser: argparse.ArgumentParser = commands.add_parser(name, help=said, description=said)
    parser.set_defaults(run=run)
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
    if store:
        parser.add_argument("store", metavar="STORE", help="a folder, or s3://bucket/prefix")
        parser.add_argument(
            "--secrets", type=Path, metavar="DIR", help="where the private keys of the log are"
        )
    return parser


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"not a number: {text}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
