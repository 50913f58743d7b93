"""A portal in a folder, as one process has it; several on one folder are several processes."""

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
import weakref
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from apiflask import APIFlask
from sqlalchemy import create_engine

from portal import build_house, create_app, engine
from portal.access import Role
from portal.accounts.provision import create_account
from portal.cases.state import Case
from portal.claims.commands import FileClaim
from portal.config import Config
from portal.database import db, is_sqlite
from portal.history import load_case
from portal.house import House
from portal.panels.commands import AnswerSeat
from portal.pool.commands import EnrollReviewer
from tests.people import FAST_HASHING
from tests.values import CASE_NO, a_claim, an_exhibit
from tests.warm import share

share()
KEYS = "TEST_SIMULATOR_KEYS"


def open_app(folder: Path, **changes: Any) -> APIFlask:
    """An application with an up-to-date database in `folder`."""
    config = Config.for_folder(folder, hashing=FAST_HASHING, **changes)
    lay_tables(config)
    return close_in_the_end(create_app(config))


def lay_tables(config: Config) -> None:
    """Every table of portal and engine where there are none. SQLite files are copies of one that
    is made once a process: hundreds of tests open a house. For the same reason the built-in
    simulator finds its keys made."""
    _lend_keys(config.folder / "simulator")
    if not is_sqlite(config.database_url):
        _make_tables(config)
    elif not (path := Path(config.database_url.removeprefix("sqlite:///"))).exists():
        path.write_bytes(_empty_database())


def _lend_keys(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    with suppress(FileExistsError):
        (folder / "keys").symlink_to(_keys_of_all())


def _keys_of_all() -> Path:
    """A folder for the keys of all simulators of this process and those it starts; the first that
    needs them makes them, and every later one reads the same."""
    if known := os.environ.get(KEYS):
        return Path(known)
    folder, owner = Path(mkdtemp(prefix="keys-")), os.getpid()
    os.environ[KEYS] = str(folder)
    # A forked child that ends must not take them away from its parent.
    atexit.register(lambda: os.getpid() == owner and shutil.rmtree(folder, ignore_errors=True))
    return folder


_keys_of_all()  # made by the first process, not by a child that takes them away again


@cache
def _empty_database() -> bytes:
    with TemporaryDirectory() as folder:
        config = Config.for_folder(folder)
        _make_tables(config)
        copy = Path(folder) / "copy.sqlite"
        with closing(sqlite3.connect(Path(folder) / "mingan.sqlite")) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        return copy.read_bytes()


def _make_tables(config: Config) -> None:
    engine.migrate(config.database_url)
    database = create_engine(config.database_url)
    db.metadata.create_all(database)
    database.dispose()


def close_in_the_end(app: APIFlask) -> APIFlask:
    """The log's local files are given back when nobody holds the house any more."""
    house: House = app.extensions["mingan"]
    weakref.finalize(house, house.log.close)
    return app


def open_house(folder: Path, **changes: Any) -> House:
    """The house alone: without the website, whose two hundred routes take longest to make."""
    config = Config.for_folder(folder, hashing=FAST_HASHING, **changes)
    lay_tables(config)
    house = build_house(config)
    weakref.finalize(house, house.log.close)
    return house


def case_of(house: House, case_no: str = CASE_NO) -> Case:
    with house.sessions() as session:
        return load_case(session, case_no)


def file_a_claim(house: House, command_id: str = "claim/1", **changes: Any) -> Case:
    """A claim with one photo that really lies in the store."""
    key = house.keyring.make()
    photo = house.files.put_bytes(b"a photo", key.kid, "image/jpeg")
    command = FileClaim(a_claim(**changes), (an_exhibit(file=photo),), key.kid)
    house.recorder.record(command, by="BUYER", command_id=command_id)
    return case_of(house, command.claim.case_no)


def perform_todo(house: House, case_no: str = CASE_NO) -> None:
    """Do what the system owes the case until people are to act again."""
    while todo := case_of(house, case_no).todo:
        house.duties.perform(todo, case_no, "")
    for movement in case_of(house, case_no).movements:
        house.duties.perform("PAY", case_no, movement.refund_no)


def accept_all(house: House, case_no: str = CASE_NO) -> None:
    """Everybody who is invited takes the seat."""
    for seat in case_of(house, case_no).seats:
        if seat.state == "INVITED":
            wish = AnswerSeat(case_no, seat.reviewer_id, accept=True)
            command_id = f"accept/{case_no}/{seat.reviewer_id}"
            house.recorder.record(wish, by=f"REVIEWER:{seat.reviewer_id}", command_id=command_id)


def enroll_pool(app: APIFlask, each: int = 5) -> None:
    """Reviewers with accounts: `each` for buyers, for merchants and experts."""
    house: House = app.extensions["mingan"]
    for stratum in ("BUYER_SIDE", "MERCHANT_SIDE", "EXPERT"):
        for number in range(each):
            enroll_one(app, house, f"r_{stratum.lower()}_{number}", stratum)


def enroll_one(app: APIFlask, house: House, reviewer_id: str, stratum: str) -> None:
    with app.app_context():
        create_account(
            db.session,
            email=f"{reviewer_id}@example.com",
            password=None,
            name=reviewer_id,
            roles=[Role.REVIEWER],
            reviewer_id=reviewer_id,
        )
        db.session.commit()
    wish = EnrollReviewer(reviewer_id, stratum)
    house.recorder.record(wish, by="OPERATOR", command_id=f"enroll/{reviewer_id}")
