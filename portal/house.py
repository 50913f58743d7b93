"""The portal's working parts, wired once. Views ask `house()` for them; nothing below does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from ledger import Log, Store
from portal.clock import Clock
from portal.config import Config
from portal.duties import Duties
from portal.engine import Outbox
from portal.files import Files
from portal.keyring import Keyring
from portal.projection import Projection
from portal.providers.opening import Providers
from portal.recorder import Recorder
from portal.refunds.strangers import Strangers


@dataclass(frozen=True)
class House:
    config: Config
    clock: Clock
    store: Store
    log: Log
    keyring: Keyring
    files: Files
    sessions: sessionmaker[Session]
    projection: Projection
    recorder: Recorder
    outbox: Outbox
    duties: Duties
    providers: Providers
    strangers: Strangers = field(default_factory=Strangers)


def house() -> House:
    """The parts of the application that serves this request."""
    return cast(House, current_app.extensions["mingan"])
