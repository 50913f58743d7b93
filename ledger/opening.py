"""Which store a URL means.

    folder:/absolute/path
    s3://bucket/prefix?endpoint=http://127.0.0.1:8333&region=us-east-1

Credentials for S3 come from the environment variables that every AWS tool reads.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from ledger.folder import FolderStore
from ledger.store import Store


def open_store(url: str, *, writing: bool = True) -> Store:
    """The store at a URL; ValueError if it is none.

    For writing, a folder is made if needed, and an S3 store must first show that it
    refuses to create a key twice (StoreLies). Otherwise nothing is written.
    """
    parts = urlsplit(url)
    if parts.scheme == "folder" and parts.path.startswith("/") and not parts.netloc:
        return FolderStore(Path(url.removeprefix("folder:")), writing=writing)
    if parts.scheme == "s3" and parts.netloc:
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return _open_s3(parts.netloc, parts.path.strip("/"), options, writing)
    raise ValueError("a store is folder:/absolute/path or s3://bucket/prefix?endpoint=...")


def _open_s3(bucket: str, prefix: str, options: dict[str, str], writing: bool) -> Store:
    # boto3 takes a third of a second to import; a folder should not pay for it.
    from ledger.s3 import connect

    unknown = options.keys() - {"endpoint", "region"}
    if unknown:
        raise ValueError(f"unknown options for an S3 store: {', '.join(sorted(unknown))}")
    store = connect(bucket, prefix, options.get("endpoint"), options.get("region"))
    if writing:
        store.prove_exclusive()
    return store
