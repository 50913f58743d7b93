"""The people of a play, each with an own way in: a token, and nothing the others have."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from portal.access import Role
from portal.rehearsal.failures import Declined
from portal.rehearsal.script import Order
from portal.speech import chinese, words

API = "/api/v1"
# The portal's promise of 503: the same command again counts once.
UNCONFIRMED = 503
TRIES = 5
PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Person:
    """Somebody who asks the portal; `name` is how the play calls them."""

    name: str
    client: httpx.Client
    token: str

    def get(self, path: str) -> Any:
        return self._ask("GET", path).json()

    def fetch(self, path: str) -> bytes:
        return self._ask("GET", path).content

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._ask("POST", path, json=body or {}).json()

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._ask("PATCH", path, json=body).json()

    def send(self, path: str, content: bytes) -> Any:
        """POST a document as it is, byte for byte."""
        return self._ask("POST", path, content=content, kind="application/json").json()

    def upload(self, path: str, files: Mapping[str, Any], fields: Mapping[str, str]) -> Any:
        return self._ask("POST", path, files=files, data=fields).json()

    def _ask(self, method: str, path: str, kind: str = "", **parts: Any) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept-Language": "zh" if chinese() else "en",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        headers |= {"Content-Type": kind} if kind else {}
        for attempt in range(TRIES):
            answer = self._once(method, path, headers, parts)
            if answer.status_code != UNCONFIRMED:
                break
            time.sleep(PAUSE_SECONDS * (attempt + 1))
        if answer.is_success:
            return answer
        raise Declined(self._sentence(method, path, answer), answer.status_code)

    def _once(
        self, method: str, path: str, headers: dict[str, str], parts: dict[str, Any]
    ) -> httpx.Response:
        try:
            return self.client.request(method, API + path, headers=headers, **parts)
        except httpx.HTTPError as error:
            text = words("没有连上明案", "the portal did not answer")
            raise Declined(f"{text} ({method} {path}): {error}") from error

    def _sentence(self, method: str, path: str, answer: httpx.Response) -> str:
        try:
            said = answer.json()
            field = f"{said['field']}: " if said.get("field") else ""
            text = f"{field}{said.get('message', '')} {said.get('detail') or ''}".strip()
        except (ValueError, AttributeError, TypeError):
            text = answer.text[:200]
        return f"{self.name}: {text} ({method} {path}, {answer.status_code})"


@dataclass(frozen=True)
class Cast:
    """Everybody who takes part in one case."""

    operator: Person
    platform: Person
    buyer: Person
    merchant: Person
    association: Person

    def reviewer(self, reviewer_id: str) -> Person:
        name = words(f"评审员 {reviewer_id}", f"reviewer {reviewer_id}")
        return _person(self.operator, name, Role.REVIEWER, reviewer_id)


def operator_of(client: httpx.Client, token_file: Path) -> Person:
    """The operator, whose token lets the others in. Raises Declined."""
    try:
        token = token_file.read_text().strip()
    except OSError as error:
        text = words("读不到管理员令牌", "cannot read the operator's token")
        raise Declined(f"{text}: {token_file}: {error.strerror}") from error
    return Person(words("管理员", "operator"), client, token)


def cast_of(operator: Person, order: Order) -> Cast:
    """The people whom an order names. Raises Declined, also where no rehearsal is on."""
    platform, part = order.platform, order.order
    buyer = words("买家", "buyer"), Role.BUYER, part.buyer_ref
    merchant = words("商家", "merchant"), Role.MERCHANT, part.shop_id
    return Cast(
        operator=operator,
        platform=_person(operator, words("平台", "platform"), Role.PLATFORM, platform),
        buyer=_person(operator, *buyer, platform=platform),
        merchant=_person(
            operator, *merchant, platform=platform, merchant_id=order.live.merchant_id
        ),
        association=_person(
            operator, words("消协", "association"), Role.ASSOCIATION, "association"
        ),
    )


def _person(operator: Person, name: str, role: Role, reference: str, **more: str) -> Person:
    wanted = {"role": str(role), "reference": reference, "name": name[:80], **more}
    try:
        token = operator.post("/rehearsal/tokens", wanted)["token"]
    except Declined as declined:
        if declined.status in (404, 405):
            text = words("这个明案没有开启演练", "this portal has no rehearsal on")
            raise Declined(f"{text} (MINGAN_REHEARSAL=1)", declined.status) from declined
        raise
    return Person(name, operator.client, token)
