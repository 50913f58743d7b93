"""Which store a URL means.

    folder:/absolute/path
    s3://bucket/prefix?option=value&...

    endpoint    http://127.0.0.1:8333     unless AWS_ENDPOINT_URL says so
    region      us-east-1                 unless AWS_REGION says so
    dialect     aws | oss                 how the store words its conditions (dialects.py)
    retain      days, 0 for none          how long an Object Lock bucket keeps commits
    lock        GOVERNANCE | COMPLIANCE   whether an administrator may shorten that

retention.py says what holds if `retain` and `lock` are left out. Credentials for S3 come from
the environment variables and files that every AWS tool reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from ledger.stores.dialects import AWS, DIALECTS, Dialect
from ledger.stores.folder import FolderStore
from ledger.stores.probe import require
from ledger.stores.retention import MODES, MOST_DAYS, Wish

if TYPE_CHECKING:
    from ledger.stores.s3 import S3Store

_OPTIONS = frozenset({"endpoint", "region", "dialect", "retain", "lock"})


def open_store(url: str, *, writing: bool = True) -> FolderStore | S3Store:
    """The store at a URL; ValueError if it is none.

    For writing, a folder is made if needed, and the store is probed: StoreLies names what it
    does not keep, otherwise its `verdict` says what was found. For reading nothing is sent.
    """
    parts = urlsplit(url)
    if parts.scheme == "folder" and parts.path.startswith("/") and not parts.netloc:
        folder = FolderStore(Path(url.removeprefix("folder:")), writing=writing)
        if writing:
            require(folder)
        return folder
    if parts.scheme == "s3" and parts.netloc:
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return _open_s3(parts.netloc, parts.path.strip("/"), options, writing)
    raise ValueError("a store is folder:/absolute/path or s3://bucket/prefix?endpoint=...")


def _open_s3(bucket: str, prefix: str, options: Mapping[str, str], writing: bool) -> S3Store:
    if unknown := options.keys() - _OPTIONS:
        raise ValueError(f"unknown options for an S3 store: {', '.join(sorted(unknown))}")
    dialect, wish = _dialect(options), _wish(options)
    # boto3 takes a third of a second to import; a folder should not pay for it.
    from ledger.stores.s3 import connect

    store = connect(bucket, prefix, options.get("endpoint"), options.get("region"), dialect)
    if writing:
        store.retain(wish)
        require(store)
    return store


def _dialect(options: Mapping[str, str]) -> Dialect:
    name = options.get("dialect", AWS.name)
    if name not in DIALECTS:
        raise ValueError(f"the dialect of an S3 store is one of {', '.join(DIALECTS)}: {name}")
    return DIALECTS[name]


def _wish(options: Mapping[str, str]) -> Wish:
    mode, days = options.get("lock"), options.get("retain")
    if mode is not None and mode not in MODES:
        raise ValueError(f"the lock of an S3 store is one of {', '.join(MODES)}: {mode}")
    if days is not None and not (days.isdecimal() and int(days) <= MOST_DAYS):
        raise ValueError(f"retain= for an S3 store is a number of days up to {MOST_DAYS}: {days}")
    return Wish(mode, None if days is None else int(days))
