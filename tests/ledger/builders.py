"""Logs, drafts and entries for tests, with sensible defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from ledger import EMPTY, DataKey, Draft, Entry, Json, Log, Signer, Store, encrypt_file
from ledger.stores.folder import FolderStore

ORIGIN = "ledger.example/mingan"
SIGNER = Signer(
    ORIGIN,
    sha256(b"a signing key for tests").digest(),
    sha256(b"a post-quantum key for tests").digest(),
)
DATA_KEY = DataKey("case-1", sha256(b"a data key for tests").digest())
AT = "2026-01-31T08:00:00.000Z"


def a_store(folder: Path) -> FolderStore:
    return FolderStore(folder / "store")


def a_log(store: Store) -> Log:
    return Log.open(store, SIGNER)


def a_draft(
    kind: str = "claim.filed",
    fields: Mapping[str, Json] | None = None,
    blobs: Sequence[str] = (),
    at: str = AT,
) -> Draft:
    shown = {"amount_fen": 12900, "reason": "与直播承诺不符"} if fields is None else fields
    return Draft(kind, at, shown, tuple(blobs))


def append(log: Log, stream: str = "case/1", count: int = 1, key: str = "") -> tuple[Entry, ...]:
    """Append `count` drafts in one command at the stream's present head."""
    head = log.head(stream)
    drafts = [a_draft(fields={"number": head.length + at}) for at in range(count)]
    key = key or f"{stream} at {head.length}"
    return log.append_sealed(stream, head, drafts, key=key, data_key=DATA_KEY)


def a_busy_log(store: Store) -> Log:
    """Three streams, several commits, two publications, a blob and data keys."""
    log = a_log(store)
    for number in range(3):
        append(log, f"case/{number}", count=2)
    log.publish()
    name = add_blob(store, b"what arrived")
    draft = a_draft("evidence.added", {"sha256": sha256(b"what arrived").hexdigest()}, [name])
    log.append_sealed("case/1", log.head("case/1"), [draft], key="evidence", data_key=DATA_KEY)
    append(log, "case/2")
    store.create(f"keys/{DATA_KEY.kid}", b"wrapped")
    log.publish()
    return log


def add_blob(store: Store, content: bytes) -> str:
    """Encrypt a file into the store; its name."""
    from io import BytesIO
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile() as target:
        sealed = encrypt_file(BytesIO(content), target, DATA_KEY)
        target.flush()
        store.add_file(sealed.key, Path(target.name))
    return sealed.blob


def a_long_log(store: Store, size: int) -> Log:
    """`size` entries of one stream in few commits."""
    log, head = a_log(store), EMPTY
    while head.length < size:
        drafts = [a_draft(fields={}) for _ in range(min(500, size - head.length))]
        key = f"up to {head.length}"
        head = log.append_sealed("pool", head, drafts, key=key, data_key=DATA_KEY)[-1].head
    return log
