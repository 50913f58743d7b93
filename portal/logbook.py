"""The log of this installation: its keys, its local index, and who vouches for it.

Witnesses and authority are asked when a checkpoint is published, never while somebody's command
is recorded: a record is durable and has its receipt before anybody outside has heard of it.
"""

from __future__ import annotations

from ledger import Log, Store
from ledger.timestamp import Stamper
from ledger.witnessing.witnesses import Witnesses
from portal.config import Config
from portal.logkey import read_or_make_log_key

INDEX = "ledger-index"
STAMP_SECONDS = 3.0  # an authority that is slower holds up the pages that show a new checkpoint


def open_log(config: Config, store: Store) -> Log:
    """Open the log in the store; what it learns is kept beside, for a quick start the next time."""
    log = Log.open(
        store,
        read_or_make_log_key(config.keys_folder / "log.key", config.origin),
        index=config.folder / INDEX,
        witnesses=_witnesses(config),
        stamper=_stamper(config),
        memory=config.keys_folder / "log.signed",
    )
    if store.verdict is not None:
        log.note_verdict(store.verdict.as_text())
    return log


def _witnesses(config: Config) -> Witnesses | None:
    if config.witness_policy is None:
        return None
    return Witnesses(config.witness_policy, required=config.witness_required)


def _stamper(config: Config) -> Stamper | None:
    if config.tsa_url is None:
        return None
    return Stamper(config.tsa_url, STAMP_SECONDS, config.tsa_roots)
