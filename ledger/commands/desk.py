"""From the STORE argument to an opened log.

    ./evidence, /srv/log            a folder
    folder:/srv/log                 the same
    s3://bucket/prefix?option=...   a bucket (opening.py); the endpoint may come from
                                    AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL

A log is named by the public keys in its store; that name finds its private keys (secret.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.commands.onlooker import Onlooker, Unwritable
from ledger.commands.report import CannotDo
from ledger.commands.secret import Secrets, index_folder, secrets_of
from ledger.datakeys import DataKeys
from ledger.errors import NotStored
from ledger.keys import VKEY, parse_vkey_file
from ledger.log import Log
from ledger.note import Verifier
from ledger.stores.opening import open_store
from ledger.stores.store import Store
from ledger.timestamp import Stamper
from ledger.witnessing.policy import parse_policy
from ledger.witnessing.witnesses import Witnesses


@dataclass(frozen=True)
class Endorsers:
    """Who is asked at publication beside the log: witnesses of a policy file, an authority."""

    policy: Path | None = None
    required: bool = False
    tsa: str | None = None

    def witnesses(self) -> Witnesses | None:
        if self.policy is None:
            return None
        return Witnesses(parse_policy(self.policy.read_bytes()), required=self.required)

    def stamper(self) -> Stamper | None:
        return Stamper(self.tsa) if self.tsa else None


@dataclass(frozen=True)
class Desk:
    """An opened log; `keys` is None where no data key can be opened."""

    log: Log
    store: Store
    secrets: Secrets
    keys: DataKeys | None


def store_url(place: str) -> str:
    """The URL that open_store takes, of what a person typed."""
    if place.startswith("s3:"):
        return place
    path = Path(place.removeprefix("folder:"))
    if "://" in place:
        raise CannotDo(f"not a store: {place}", "name a folder, or s3://bucket/prefix")
    return f"folder:{path.absolute()}"


def read_vkeys(place: str) -> tuple[Verifier, ...]:
    """The public keys that a store names; CannotDo if there is no ledger."""
    try:
        return parse_vkey_file(open_store(store_url(place), writing=False).get(VKEY))
    except NotStored:
        raise CannotDo(
            f"there is no ledger in {place}",
            "check the path, or make one: python -m ledger init STORE --origin NAME",
        ) from None


@contextmanager
def writing(place: str, chosen: Path | None, endorsers: Endorsers | None = None) -> Iterator[Desk]:
    """The log with its private keys; the store is probed first."""
    verifiers = read_vkeys(place)
    secrets = secrets_of(verifiers[0].name, chosen)
    signer, asked = secrets.signer(), endorsers or Endorsers()
    url = store_url(place)
    store = open_store(url)
    log = Log.open(
        store,
        signer,
        index=index_folder(url, signer.vkey),
        witnesses=asked.witnesses(),
        stamper=asked.stamper(),
        memory=secrets.signed,
    )
    with _closing(log):
        yield Desk(log, store, secrets, _data_keys(store, secrets))


@contextmanager
def reading(place: str, chosen: Path | None) -> Iterator[Desk]:
    """The log as whoever can read the store sees it; nothing is written."""
    verifiers = read_vkeys(place)
    secrets = secrets_of(verifiers[0].name, chosen)
    url = store_url(place)
    store = Unwritable(open_store(url, writing=False))
    log = Log.open(store, Onlooker(verifiers), index=index_folder(url, verifiers[0].vkey))
    with _closing(log):
        yield Desk(log, store, secrets, _data_keys(store, secrets))


@contextmanager
def proving(place: str, chosen: Path | None, endorsers: Endorsers) -> Iterator[Desk]:
    """With the private keys if they are here, to publish what is not; else without."""
    secrets = secrets_of(read_vkeys(place)[0].name, chosen)
    opened = writing(place, chosen, endorsers) if secrets.exist else reading(place, chosen)
    with opened as desk:
        yield desk


@contextmanager
def _closing(log: Log) -> Iterator[None]:
    try:
        yield
    finally:
        log.close()


def _data_keys(store: Store, secrets: Secrets) -> DataKeys | None:
    master = secrets.master()
    return DataKeys(store, master, secrets.streams) if master else None
