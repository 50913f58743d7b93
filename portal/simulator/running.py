"""`mingan simulator`: which folder, which port, and what time it is there."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from portal.clock import Clock
from portal.config import Config
from portal.installing import is_installed
from portal.rehearsal.moving import offset_of
from portal.simulator.company import PORT, folder_of
from portal.simulator.server import run
from portal.speech import words

MOST_PORT = 65_535


def describe_simulator(command: argparse.ArgumentParser) -> None:
    """Its options."""
    command.add_argument("--port", type=_port, default=PORT, help=f"{PORT}; 0 takes any free one")
    command.add_argument("--folder", type=Path, help="its books and keys; <home>/simulator")
    command.add_argument(
        "--ecommerce",
        action=argparse.BooleanOptionalAction,
        help="you are a platform to WeChat (平台收付通), which may advance; else as before",
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= MOST_PORT):
        raise argparse.ArgumentTypeError(
            words("端口是 0 到 65535 的数字", "a port is a number from 0 to 65535")
        )
    return int(text)


def run_simulator(config: Config, options: argparse.Namespace) -> None:
    """Serve until interrupted. Raises OSError when the port or the folder is taken."""
    folder = options.folder or folder_of(config)
    run(folder, options.port, _clock(config), config.public_url, options.ecommerce)


def _clock(config: Config) -> Callable[[], datetime]:
    """In a rehearsal the portal's own, moved clock: bills and seven days can be played."""
    if not (config.rehearsal and is_installed(config)):
        return Clock().now
    return Clock(offset_of(sessionmaker(create_engine(config.database_url)))).now
