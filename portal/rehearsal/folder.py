"""A case folder: order, livestream, claim, answer, ballots and evidence, as files.

Only order.json and claim.json must be there. Without exhibits.json everything below
evidence/buyer and evidence/merchant is an exhibit of that side.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from portal.livestreams.desk import HandedOver
from portal.rehearsal.failures import FolderUnusable
from portal.rehearsal.renewal import AS_IT_IS, Renewal, renew_order, renew_session
from portal.rehearsal.script import (
    Ballots,
    Claim,
    Decision,
    Exhibits,
    Expected,
    Listed,
    Loose,
    Order,
    Response,
    Session,
)
from portal.speech import words

SIDES = {"BUYER": "BUYER", "CLAIMANT": "BUYER", "MERCHANT": "MERCHANT", "RESPONDENT": "MERCHANT"}
EVIDENCE = {"buyer": "BUYER", "merchant": "MERCHANT"}
OPTIONAL = ("livestream.json", "transcript.json", "chat.csv")  # may be listed and not be there
Document = TypeVar("Document", bound=Loose)


@dataclass(frozen=True)
class Exhibit:
    """A file of the folder. `side` hands it over; `sha256` is that of the bytes handed over."""

    id: str
    side: str
    kind: str
    note: str
    path: Path
    sha256: str
    automatic: bool  # the portal makes it an exhibit by itself


@dataclass(frozen=True)
class CaseFolder:
    """Everything a play needs, read before anything is sent."""

    name: str
    order_document: bytes
    order: Order
    livestream: HandedOver | None
    session: Session | None
    claim: Claim
    response: Response
    accepts: bool
    ballots: Ballots | None
    exhibits: tuple[Exhibit, ...]
    expected: Expected | None

    def exhibits_of(self, side: str) -> tuple[Exhibit, ...]:
        return tuple(x for x in self.exhibits if x.side == side and not x.automatic)


def read_folder(root: Path, renewal: Renewal = AS_IT_IS) -> CaseFolder:
    """The case in a folder. `renewal` makes another order of it. Raises FolderUnusable."""
    if not root.is_dir():
        raise FolderUnusable(words(f"没有这个文件夹：{root}", f"no such folder: {root}"))
    original = _needed(root, "order.json")
    _shaped("order.json", Order, _json("order.json", original))
    order_document = renew_order(original, renewal)
    order = _shaped("order.json", Order, _json("order.json", order_document))
    livestream = livestream_in(root, renewal) if (root / "livestream.json").exists() else None
    response = _parsed(root, "response.json", Response) or Response()
    decision = _parsed(root, "decision.json", Decision) or Decision()
    claim = _parsed(root, "claim.json", Claim)
    if claim is None:
        raise FolderUnusable(words(f"{root} 里没有 claim.json", f"{root} has no claim.json"))
    return CaseFolder(
        name=root.resolve().name,
        order_document=order_document,
        order=order,
        livestream=livestream,
        session=_session(livestream, order),
        claim=claim,
        response=response,
        accepts=response.buyer_accepts or decision.accept,
        ballots=_parsed(root, "ballots.json", Ballots),
        exhibits=_exhibits(root, order_document, livestream),
        expected=_parsed(root, "expected.json", Expected),
    )


def livestream_in(root: Path, renewal: Renewal = AS_IT_IS) -> HandedOver:
    """The session of a folder with its replay. Raises FolderUnusable."""
    document = _needed(root, "livestream.json")
    session = _shaped("livestream.json", Session, _json("livestream.json", document))
    transcript, chat = root / "transcript.json", root / "chat.csv"
    return HandedOver(
        session=renew_session(document, renewal),
        replay=_file(root, session.replay.file),
        transcript=renew_session(transcript.read_bytes(), renewal) if transcript.exists() else None,
        chat=chat.read_bytes() if chat.exists() else None,
    )


def _session(livestream: HandedOver | None, order: Order) -> Session | None:
    """What was said in the session that the order names; of another one nothing can be cited."""
    if livestream is None:
        return None
    session = _shaped("livestream.json", Session, _json("livestream.json", livestream.session))
    return session if session.session_id == order.live.session_id else None


def _exhibits(root: Path, order: bytes, livestream: HandedOver | None) -> tuple[Exhibit, ...]:
    handed = {"order.json": order}
    if livestream:
        handed["livestream.json"] = livestream.session
        handed |= {"transcript.json": livestream.transcript} if livestream.transcript else {}
        handed |= {"chat.csv": livestream.chat} if livestream.chat else {}
    listed = _parsed(root, "exhibits.json", Exhibits)
    lines = listed.exhibits if listed else _found(root)
    replay = livestream.replay if livestream else None
    there = [line for line in lines if line.file not in OPTIONAL or (root / line.file).exists()]
    return tuple(_exhibit(root, line, handed, replay) for line in there)


def _exhibit(root: Path, line: Listed, handed: dict[str, bytes], replay: Path | None) -> Exhibit:
    path = _file(root, line.file)
    content = handed.get(line.file)
    return Exhibit(
        id=line.id,
        side=SIDES.get(line.by.upper(), "PLATFORM"),
        kind=line.kind,
        note=line.note,
        path=path,
        sha256=hashlib.sha256(content).hexdigest() if content else _digest(path),
        automatic=content is not None or path == replay,
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _found(root: Path) -> tuple[Listed, ...]:
    return tuple(
        Listed(id=path.name, file=path.relative_to(root).as_posix(), by=side)
        for folder, side in EVIDENCE.items()
        for path in sorted((root / "evidence" / folder).glob("**/*"))
        if path.is_file()
    )


def _file(root: Path, name: str) -> Path:
    """A file inside the folder: a stranger's list must not send what lies elsewhere."""
    path = root / name
    if not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
        raise FolderUnusable(words(f"文件夹里没有 {name}", f"{name} is not in the folder"))
    return path


def _needed(root: Path, name: str) -> bytes:
    try:
        return (root / name).read_bytes()
    except OSError:
        raise FolderUnusable(words(f"{root} 里没有 {name}", f"{root} has no {name}")) from None


def _parsed(root: Path, name: str, model: type[Document]) -> Document | None:
    path = root / name
    return _shaped(name, model, _json(name, path.read_bytes())) if path.exists() else None


def _json(name: str, content: bytes) -> Any:
    try:
        value = json.loads(content)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair cannot be sent
        return value
    except (ValueError, RecursionError) as error:
        reason = words(f"{name} 不是有效的 JSON", f"{name} is not valid JSON")
        raise FolderUnusable(f"{reason}: {error}") from None


def _shaped(name: str, model: type[Document], value: Any) -> Document:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        parts = (name, ".".join(map(str, first["loc"])), first["msg"])
        raise FolderUnusable(": ".join(filter(None, parts))) from None
