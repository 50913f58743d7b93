"""The people of a case: their tokens, and what they were told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apiflask import APIFlask

from portal.access import Role
from portal.accounts.holders import Holder, account_of
from portal.accounts.provision import issue_token
from portal.database import db
from portal.house import House
from portal.panels.tables import ReviewerRow
from tests.houses import enroll_pool

Answer = dict[str, Any]


class Notebook:
    """What the people of a case were told, in order; on a path it survives their program."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        lines = path.read_text().splitlines() if path and path.exists() else []
        self.answers: dict[str, Answer] = dict(map(json.loads, lines))

    def keep(self, step: str, answer: Answer) -> None:
        self.answers[step] = answer
        if self._path:
            with self._path.open("a") as file:
                file.write(json.dumps([step, answer]) + "\n")

    @property
    def receipts(self) -> list[Answer]:
        return [answer["receipt"] for answer in self.answers.values() if "receipt" in answer]


@dataclass(frozen=True)
class People:
    """Everybody's token: PLATFORM, BUYER, MERCHANT, ASSOCIATION, OPERATOR, and each reviewer's."""

    tokens: dict[str, str]

    @classmethod
    def of(cls, app: APIFlask, folder: Path, each: int = 5) -> People:
        """The people of a case folder, with a pool of `each` reviewers a stratum."""
        enroll_pool(app, each)
        return cls.known(app, folder)

    @classmethod
    def known(cls, app: APIFlask, folder: Path) -> People:
        holders = [*_parties(folder), *_reviewers(app)]
        at = app.extensions["mingan"].clock.now()
        with app.app_context():
            accounts = {name: account_of(db.session, holder) for name, holder in holders}
            tokens = {n: issue_token(db.session, a, label=n, at=at) for n, a in accounts.items()}
            db.session.commit()
        return cls(tokens)


def _parties(folder: Path) -> Iterator[tuple[str, Holder]]:
    order = read(folder, "order.json")
    platform, live = order["platform"], order["live"]
    shop, buyer = order["order"]["shop_id"], order["order"]["buyer_ref"]
    yield "PLATFORM", Holder(Role.PLATFORM, platform)
    yield "BUYER", Holder(Role.BUYER, buyer, platform=platform)
    yield (
        "MERCHANT",
        Holder(Role.MERCHANT, shop, platform=platform, merchant_id=live["merchant_id"]),
    )
    yield "ASSOCIATION", Holder(Role.ASSOCIATION, "association")
    yield "OPERATOR", Holder(Role.OPERATOR, "operator")


def _reviewers(app: APIFlask) -> Iterator[tuple[str, Holder]]:
    house: House = app.extensions["mingan"]
    with house.sessions() as session:
        for row in session.query(ReviewerRow):
            yield row.reviewer_id, Holder(Role.REVIEWER, row.reviewer_id)


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text())
