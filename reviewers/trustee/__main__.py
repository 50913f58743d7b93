"""python -m reviewers.trustee init FOLDER --name NAME --log VKEY ... | run FOLDER/trustee.toml

The exit status is 0 if all is well, 1 if something could not be done, 2 for a wrong command line.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ledger.encoding import to_base64
from reviewers.trustee.config import load_config
from reviewers.trustee.keeping import JOURNAL, write_private
from reviewers.trustee.server import run

SETTINGS = "trustee.toml"
TOKEN = "trustee.token"


def main(arguments: Sequence[str]) -> int:
    """Run one command; the answer is the exit status."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "init":
            key = make(options.folder, options.name, options.log, options.listen, options.policy)
            print(f"name {options.name}")
            print(f"key {key}")
        else:
            run(load_config(options.config))
    except KeyboardInterrupt:
        return 0
    except (ValueError, OSError) as error:
        print(f"trustee: {error}", file=sys.stderr)
        return 1
    return 0


def make(folder: Path, name: str, vkeys: Sequence[str], listen: str, policy: str = "") -> str:
    """Make a trustee's folder: key, token, settings, empty journal. Gives the public key, base64.

    OSError if a key is there already: it may have ballots sealed to it.
    """
    key = X25519PrivateKey.generate()
    (folder / "state").mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    write_private(folder / "trustee.key", key.private_bytes_raw().hex() + "\n")
    write_private(folder / TOKEN, secrets.token_urlsafe(32) + "\n")
    write_private(folder / "state" / JOURNAL, "")
    said = {"name": name, "listen": listen, "vkeys": list(vkeys)}
    said |= {"policy": policy} if policy else {}
    # Texts and lists of texts in JSON are TOML as well.
    lines = [f"{setting} = {json.dumps(value)}\n" for setting, value in said.items()]
    write_private(folder / SETTINGS, "".join(lines))
    load_config(folder / SETTINGS)
    return to_base64(key.public_key().public_bytes_raw())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reviewers.trustee", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    making = commands.add_parser("init", help="make a folder with a key; prints the public one")
    making.add_argument("folder", type=Path)
    making.add_argument("--name", required=True, help="as the portal shall know it")
    making.add_argument("--log", required=True, action="append", help="a public key of the log")
    making.add_argument("--listen", default="127.0.0.1:8711", help="host and port")
    making.add_argument("--policy", default="", help="witnesses to ask for, a tlog-policy file")
    running = commands.add_parser("run", help="serve, until interrupted")
    running.add_argument("config", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
