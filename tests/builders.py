"""The sample cases in a portal of their own: order and livestream handed over, claim filed.

app = a_house(tmp_path)
record_sample(app, "silk-shirt")
case_no = file_sample(app, "silk-shirt")
client = sign_in_buyer(app, "silk-shirt")
"""

from __future__ import annotations

import json
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage

from portal.access import Actor, Role
from portal.claims import desk, sending
from portal.database import db
from portal.events import Remedy
from portal.evidence.hashing import HashingFile
from portal.evidence.tables import Upload
from portal.house import House
from portal.livestreams.desk import HandedOver, take_livestream
from portal.orders.desk import take_order
from tests.houses import enroll_pool, open_app
from tests.people import enroll, sign_in

SAMPLES = Path(__file__).parent / "samples"
BUYER_EMAIL = "buyer@example.com"
MERCHANT_EMAIL = "shop@example.com"


def a_house(folder: Path, **changes: Any) -> APIFlask:
    """An application with its database, in a rehearsal."""
    return open_app(folder, **{"rehearsal": True, **changes})


def close_house(app: APIFlask) -> None:
    """Give back every connection; without it a collected one warns in some later test."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    with house_of(app).sessions() as session:
        session.get_bind().dispose()


def house_of(app: APIFlask) -> House:
    house: House = app.extensions["mingan"]
    return house


@cache
def document(name: str, file: str) -> Any:
    """A JSON file of a sample."""
    return json.loads((SAMPLES / name / file).read_text())


def platform_of(name: str) -> Actor:
    platform = document(name, "order.json")["platform"]
    return Actor(account_id=1, roles=frozenset({Role.PLATFORM}), platform=platform)


def buyer_of(name: str) -> Actor:
    """The buyer of a sample as the desks see them."""
    order = document(name, "order.json")
    return Actor(
        account_id=2,
        roles=frozenset({Role.BUYER}),
        buyer_ref=order["order"]["buyer_ref"],
        platform=order["platform"],
    )


def record_sample(app: APIFlask, name: str, *, livestream: bool = True) -> str:
    """Hand over the sample's livestream and order; returns the order's id."""
    if livestream:
        record_livestream(app, name)
    content = (SAMPLES / name / "order.json").read_bytes()
    return take_order(house_of(app), platform_of(name), content).order_id


def record_livestream(app: APIFlask, name: str) -> None:
    folder = SAMPLES / name
    given = HandedOver(
        session=(folder / "livestream.json").read_bytes(),
        replay=folder / "replay.mp4",
        transcript=(folder / "transcript.json").read_bytes(),
        chat=(folder / "chat.csv").read_bytes(),
    )
    take_livestream(house_of(app), platform_of(name), given)


def a_file(path: Path, name: str = "") -> FileStorage:
    """A file as a request brings it, its digest taken while the bytes arrive."""
    stream = HashingFile()
    stream.write(path.read_bytes())
    return FileStorage(stream, filename=name or path.name)


def a_draft(app: APIFlask, name: str, *, files: bool = True) -> str:
    """The sample's claim, written but not sent; returns the draft's id."""
    claim, house, actor = document(name, "claim.json"), house_of(app), buyer_of(name)
    problem = desk.Problem(
        line_ids=tuple(claim["line_ids"]),
        reason_code=claim["reason_code"],
        secondary_codes=tuple(claim["secondary_codes"]),
        received_goods=claim["received_goods"],
    )
    draft = desk.start(house, actor, actor.platform or "", claim["order_id"], problem)
    desk.save(house, actor, draft.id, _changes(claim))
    if files:
        attach_all(app, name, draft.id)
    return draft.id


def _changes(claim: dict[str, Any]) -> desk.Changes:
    return desk.Changes(
        text=claim["text"],
        promise_ids=tuple(claim["cited_promises"]),
        remedies=tuple(Remedy(r["code"], r["amount_fen"]) for r in claim["remedies"]),
    )


def attach_all(app: APIFlask, name: str, draft_id: str) -> list[Upload]:
    """Every exhibit of the sample's buyer, with its kind."""
    exhibits = document(name, "exhibits.json")["exhibits"]
    own = [exhibit for exhibit in exhibits if exhibit["by"] == "BUYER"]
    return [_attach(app, name, draft_id, exhibit) for exhibit in own]


def _attach(app: APIFlask, name: str, draft_id: str, exhibit: dict[str, Any]) -> Upload:
    with closing(a_file(SAMPLES / name / exhibit["file"])) as file:
        house, actor = house_of(app), buyer_of(name)
        return desk.attach(house, actor, draft_id, file, exhibit["kind"], exhibit["note"])


def file_sample(app: APIFlask, name: str, *, files: bool = True) -> str:
    """Record what is missing and file the sample's claim; returns the case number."""
    record_sample(app, name)
    draft_id = a_draft(app, name, files=files)
    return sending.send(house_of(app), buyer_of(name), draft_id).case_no


def sign_in_buyer(app: APIFlask, name: str, email: str = BUYER_EMAIL) -> FlaskClient:
    """A browser in which the sample's buyer is signed in."""
    actor = buyer_of(name)
    enroll(app, email, Role.BUYER, buyer_ref=actor.buyer_ref, platform=actor.platform)
    return sign_in(app, email)


def sign_in_merchant(app: APIFlask, name: str, email: str = MERCHANT_EMAIL) -> FlaskClient:
    """A browser in which the sample's shop is signed in."""
    merchant = document(name, "livestream.json")["merchant"]
    enroll(app, email, Role.MERCHANT, shop_id=merchant["shop_id"], merchant_id=merchant["id"])
    return sign_in(app, email)


__all__ = [
    "a_draft",
    "a_file",
    "a_house",
    "attach_all",
    "buyer_of",
    "close_house",
    "document",
    "enroll_pool",
    "file_sample",
    "house_of",
    "platform_of",
    "record_livestream",
    "record_sample",
    "sign_in_buyer",
    "sign_in_merchant",
]
