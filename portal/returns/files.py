"""Files that come with a word on a return or an obligation, sealed together with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace
from werkzeug.datastructures import FileStorage

from portal.cases.state import Case
from portal.events import EvidenceSealed
from portal.evidence.intake import as_exhibits, next_number, not_sealed, of_case, take
from portal.history import load
from portal.house import House
from portal.streams import case_stream

THIRD_PARTY = "G2_THIRD_PARTY"


@dataclass(frozen=True)
class Shown:
    """What a side hands in: new exhibits, and numbers of files that are on record already."""

    exhibits: tuple[EvidenceSealed, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        return (*self.known, *(x.number for x in self.exhibits))


def take_files(
    house: House, case: Case, side: str, files: Iterable[FileStorage], kind: str | None = None
) -> Shown:
    """Receive, prove and store; an empty file input still brings a part without a name.

    Raises UploadRefused for a file that is not what we take.
    """
    given = [file for file in files if file.filename]
    if not given:
        return Shown()
    case_no = case.claim.case_no
    with house.sessions() as session:
        kid = load(session, case_stream(case_no)).kid
    assert kid is not None, "a case without a key"
    uploads = {u.id: u for u in (take(house, f, of_case(case_no, side, kid), kind) for f in given)}
    fresh = not_sealed(uploads.values(), case)
    known = tuple(x.number for x in case.exhibits if x.upload_id in uploads)
    return Shown(as_exhibits(fresh, side, next_number(case, side)), known)


def by_third_party(exhibit: EvidenceSealed) -> EvidenceSealed:
    """Handed in by the platform, made by somebody else: a carrier, a laboratory."""
    return replace(exhibit, provenance=THIRD_PARTY)
