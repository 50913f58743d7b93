"""Making an installation ready: folders, keys, tables, the log, the operator. Safe to repeat."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from apiflask import APIFlask
from flask_migrate import upgrade
from sqlalchemy import create_engine, inspect

from ledger import NoQuorum
from portal import create_app, engine
from portal.access import Role
from portal.accounts.holders import Holder, account_of
from portal.accounts.provision import issue_token
from portal.config import Config
from portal.database import AnySession, db
from portal.house import House
from portal.keyfile import make_private_folder
from portal.trustees.enrolment import enroll_configured

OPERATOR = Holder(Role.OPERATOR, "operator")
TOKEN_FILE = "operator.token"
LAST_TABLE = "account"


@dataclass(frozen=True)
class Installed:
    """An installation that may be served. `fresh`: it was made just now."""

    app: APIFlask
    house: House
    fresh: bool

    def close(self) -> None:
        """Leave the log's local index to the next process."""
        self.house.log.close()


def is_installed(config: Config) -> bool:
    """Whether the tables are there; a file that is not there is not made by asking."""
    path = config.database_url.removeprefix("sqlite:///")
    if path != config.database_url and not Path(path).exists():
        return False
    database = create_engine(config.database_url)
    try:
        return inspect(database).has_table(LAST_TABLE)
    finally:
        database.dispose()


def install(config: Config) -> Installed:
    """Bring the installation to this version of the program; what is there stays."""
    make_private_folder(config.folder)
    fresh = not is_installed(config)
    engine.migrate(config.database_url)
    app = create_app(config)
    house: House = app.extensions["mingan"]
    with app.app_context():
        upgrade()
        _make_operator(db.session, house)
    house.projection.catch_up()
    enroll_configured(house.recorder, house.sessions, config.trustees)
    publish_now(house)
    return Installed(app, house, fresh)


def publish_now(house: House) -> None:
    """Publish, or leave it to the worker if witnesses are awaited."""
    with suppress(NoQuorum):
        house.log.publish()


def _make_operator(session: AnySession, house: House) -> None:
    path = house.config.folder / TOKEN_FILE
    account = account_of(session, OPERATOR)
    if not path.exists():
        token = issue_token(session, account, label=TOKEN_FILE, at=house.clock.now())
        session.commit()
        write_secret(path, f"{token}\n")
    session.commit()


def write_secret(path: Path, text: str) -> None:
    """A file that only its owner reads, also while it is being written."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
