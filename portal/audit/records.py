"""A case's records as a page shows them: every field, and whether it is as recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger import leaf_digest
from portal.audit.desk import Dossier
from portal.audit.disclosure import Field, Shown
from portal.audit.labels import FIRST


@dataclass(frozen=True)
class Record:
    """One entry. `role` is who acted, without saying which person, `by` the field that says it;
    `seals` are the digests of encrypted files that its public part names; `destroyed`: its key and
    so its content is gone."""

    index: int
    number: int
    code: str
    at: str
    role: str
    by: Field | None
    digest: str
    seals: tuple[str, ...]
    first: tuple[Field, ...]
    further: tuple[Field, ...]
    destroyed: bool


def records(dossier: Dossier) -> tuple[Record, ...]:
    """All records of the case, in order."""
    return tuple(_records(dossier))


def _records(dossier: Dossier) -> Iterator[Record]:
    for number, entry in enumerate(dossier.history.entries, 1):
        fields = [f for f in dossier.rules.fields(entry.code, entry) if _says_something(f)]
        first = _first(entry.code, fields)
        yield Record(
            index=entry.index,
            number=number,
            code=entry.code,
            at=entry.at,
            role=entry.by.partition(":")[0],
            by=next((field for field in fields if field.name == "by"), None),
            digest=leaf_digest(entry.raw.encode()).hex(),
            seals=entry.blobs,
            first=first,
            further=tuple(f for f in fields if f not in first and f.name != "by"),
            destroyed=not entry.disclosures and not entry.is_erasure,
        )


def _says_something(field: Field) -> bool:
    """An empty text or list is part of the record, and of the proof, but not worth a line."""
    return field.shown is not Shown.OPEN or field.value not in (None, "", [], {})


def _first(code: str, fields: list[Field]) -> tuple[Field, ...]:
    by_name = {field.name: field for field in fields if field.name != "by"}
    names = FIRST.get(code, tuple(by_name))
    return tuple(by_name[name] for name in names if name in by_name)
