"""What a platform's own system hears, checked by another's verifier at a server that listens."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from apiflask import APIFlask
from sqlalchemy import select
from standardwebhooks import Webhook, WebhookVerificationError

from portal import events as e
from portal.access import Role
from portal.duties import due_duties
from portal.monitors.tables import ItemRow
from portal.rehearsal.moving import move_clock
from portal.responses import desk
from portal.webhooks.delivering import LEASE
from portal.webhooks.pruning import Pruning
from portal.webhooks.retrying import next_attempt
from portal.webhooks.sending import WHOLE_SECONDS, Heard, Post
from portal.webhooks.tables import DeliveryRow, SubscriptionRow
from tests.builders import close_house, house_of
from tests.houses import file_a_claim, open_app
from tests.people import enroll, form_token, sign_in
from tests.portal.rooms import SHOP_ACTOR, a_token
from tests.trickling import trickling

DAY = 86_400


@dataclass
class Receiver:
    """A platform's server; answers with `status` and keeps what it heard."""

    url: str
    status: int = 204
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            found.heard.append(({k.lower(): v for k, v in self.headers.items()}, content))
            self.send_response(found.status)
            self.send_header("location", "http://127.0.0.1:1/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    app = open_app(tmp_path_factory.mktemp("webhooks"), rehearsal=True)
    enroll(app, "hai@example.com", Role.PLATFORM, platform="hailiao-live")
    enroll(app, "other@example.com", Role.PLATFORM, platform="elsewhere")
    enroll(app, "ops@example.com", Role.OPERATOR)
    yield app
    close_house(app)


@pytest.fixture
def headers(app: APIFlask) -> dict[str, str]:
    return a_token(app, "hai@example.com")


def subscribe(app: APIFlask, headers: dict[str, str], url: str, *events: str) -> dict[str, str]:
    body = {"url": url, "events": list(events)}
    answer = app.test_client().post("/api/v1/webhooks", json=body, headers=headers)
    assert answer.status_code == 201, answer.json
    return answer.json


def settle(app: APIFlask, number: int) -> str:
    """A case in which a refund is ordered at once."""
    case_no = f"MA-2026-{number:06}"
    house = house_of(app)
    claim = {"case_no": case_no, "order_id": f"HL{number}"}
    file_a_claim(house, f"claim/{number}", **claim, remedies=(e.Remedy("REFUND_ONLY", 100),))
    desk.respond(house, SHOP_ACTOR, case_no, desk.Answer("AGREE"), f"agree/{number}")
    return case_no


def deliver(app: APIFlask) -> int:
    """What the worker would do now about deliveries; how many there were."""
    house = house_of(app)
    with house.sessions() as session:
        due = [duty for duty in due_duties(session, house.clock) if duty.kind == "DELIVER"]
    for duty in due:
        house.duties.perform(duty.kind, duty.case_no, duty.subject)
    return len(due)


def test_another_verifier_accepts_each_message_and_no_changed_one(
    app: APIFlask, headers: dict[str, str], receiver: Receiver
) -> None:
    made = subscribe(app, headers, receiver.url)
    settle(app, 1)
    assert deliver(app) == 2
    verifier = Webhook(made["secret"])
    told = [verifier.verify(content, signed) for signed, content in receiver.heard]
    assert {each["type"] for each in told} == {"case.ruled", "refund.ordered"}
    signed, content = receiver.heard[0]
    with pytest.raises(WebhookVerificationError):
        verifier.verify(content.replace(b"100", b"900") + b" ", signed)
    assert deliver(app) == 0
    remove(app, headers, made)


def test_a_message_holds_numbers_and_codes_and_nobody(
    app: APIFlask, headers: dict[str, str], receiver: Receiver
) -> None:
    made = subscribe(app, headers, receiver.url, "refund.ordered")
    settle(app, 2)
    deliver(app)
    ((_signed, content),) = receiver.heard
    told = json.loads(content)
    assert set(told) == {"type", "timestamp", "data"}
    assert set(told["data"]) == {
        "case_no",
        "order_id",
        "case_state",
        "entry_index",
        "refund_no",
        "rail",
        "amount_fen",
        "payment_id",
        "channel",
        "return_first",
    }
    remove(app, headers, made)


def test_a_failed_message_comes_again_with_the_same_id(
    app: APIFlask, headers: dict[str, str], receiver: Receiver
) -> None:
    made = subscribe(app, headers, receiver.url, "refund.ordered")
    settle(app, 3)
    receiver.status = 302  # a redirect is not followed and not taken for success
    assert deliver(app) == 1
    assert deliver(app) == 0
    move_clock(house_of(app).sessions, 61)
    receiver.status = 200
    assert deliver(app) == 1
    first, second = (signed for signed, _content in receiver.heard)
    assert first["webhook-id"] == second["webhook-id"]
    (row,) = kept(app, headers, made)
    assert (row["state"], row["attempts"], row["status"]) == ("DELIVERED", 2, 200)
    remove(app, headers, made)


def test_five_days_without_success_switch_it_off_and_somebody_is_told(
    app: APIFlask, headers: dict[str, str], receiver: Receiver
) -> None:
    made = subscribe(app, headers, receiver.url, "refund.ordered")
    settle(app, 4)
    receiver.status = 500
    deliver(app)
    move_clock(house_of(app).sessions, 5 * DAY)
    assert deliver(app) == 1
    assert standing(app, made) == (False, "FAILING", "OPEN")
    settle(app, 5)
    assert deliver(app) == 0
    receiver.status = 204
    enable(app, headers, made)
    replay(app, headers, made, kept(app, headers, made)[0]["message_id"])
    assert deliver(app) == 1
    assert standing(app, made) == (True, "", "RESOLVED")
    remove(app, headers, made)


def test_a_receiver_that_is_gone_is_not_asked_again(
    app: APIFlask, headers: dict[str, str], receiver: Receiver
) -> None:
    made = subscribe(app, headers, receiver.url, "refund.ordered")
    settle(app, 6)
    receiver.status = 410
    deliver(app)
    assert standing(app, made)[:2] == (False, "GONE")
    remove(app, headers, made)


def test_after_a_change_old_and_new_secret_both_hold_for_a_day(
    app: APIFlask, headers: dict[str, str], receiver: Receiver
) -> None:
    made = subscribe(app, headers, receiver.url, "refund.ordered")
    path = f"/api/v1/webhooks/{made['id']}/secret"
    new = app.test_client().post(path, headers=headers).json["secret"]
    assert new != made["secret"]
    settle(app, 7)
    deliver(app)
    ((signed, content),) = receiver.heard
    for secret in (made["secret"], new):
        assert Webhook(secret).verify(content, signed)
    move_clock(house_of(app).sessions, DAY + 60)
    replay(app, headers, made, signed["webhook-id"])
    deliver(app)
    signed, content = receiver.heard[-1]
    assert " " not in signed["webhook-signature"]
    remove(app, headers, made)


def test_another_platform_hears_and_sees_nothing_of_it(
    app: APIFlask, headers: dict[str, str], receiver: Receiver
) -> None:
    other = a_token(app, "other@example.com")
    made, theirs = subscribe(app, headers, receiver.url), subscribe(app, other, receiver.url)
    settle(app, 8)
    client = app.test_client()
    assert kept(app, other, theirs) == []
    for path in ("deliveries", "secret", "enabled"):
        address = f"/api/v1/webhooks/{made['id']}/{path}"
        method = client.get if path == "deliveries" else client.post
        more = {"json": {"enabled": False}} if path == "enabled" else {}
        assert method(address, headers=other, **more).status_code == 404
    assert [each["id"] for each in client.get("/api/v1/webhooks", headers=other).json] == [
        theirs["id"]
    ]
    for holder, each in ((headers, made), (other, theirs)):
        remove(app, holder, each)


def test_the_database_holds_no_secret(app: APIFlask, headers: dict[str, str]) -> None:
    made = subscribe(app, headers, "https://example.com/hook")
    with house_of(app).sessions() as session:
        row = session.get_one(SubscriptionRow, made["id"])
        kept_values = [str(value) for value in vars(row).values()]
    assert not any(made["secret"].removeprefix("whsec_") in value for value in kept_values)
    remove(app, headers, made)


def test_the_operator_adds_an_address_and_sees_its_secret_once(app: APIFlask) -> None:
    client = sign_in(app, "ops@example.com")
    press = {"csrf_token": form_token(client, "/ops/webhooks"), "platform": "hailiao-live"}
    refused = client.post("/ops/webhooks", data={**press, "url": "https://10.0.0.8/"})
    assert refused.status_code == 422
    assert "不能填内部网络的地址" in refused.text
    page = client.post("/ops/webhooks", data={**press, "url": "https://example.com/hook"}).text
    assert "whsec_" in page
    with house_of(app).sessions() as session:
        made = session.scalars(select(SubscriptionRow)).one()
    assert "https://example.com/hook" in client.get("/ops/webhooks").text
    assert "whsec_" not in client.get(f"/ops/webhooks/{made.id}").text
    assert "只推送" in client.get("/ops/webhooks").text


def test_a_receiver_that_trickles_its_headers_holds_nobody() -> None:
    with trickling() as line:
        heard = Post(rehearsal=True, seconds=0.4)(line.url, {}, b"{}")
        assert line.goes_on
    assert heard == Heard(0, "TIMEOUT")


def test_a_worker_is_back_before_its_lease_is_over() -> None:
    assert timedelta(seconds=2 * WHOLE_SECONDS) < LEASE


def test_waits_grow_from_a_minute_to_a_day_and_end_after_five() -> None:
    start = datetime(2026, 11, 20, tzinfo=UTC)
    at, attempts, waits = start, 0, []
    while (after := next_attempt(attempts := attempts + 1, start, at)) is not None:
        waits.append(after - at)
        at = after
    assert (waits[0], waits[-1]) == (timedelta(minutes=1), timedelta(days=1))
    assert waits == sorted(waits)
    assert timedelta(days=4) < at - start < timedelta(days=5)


def kept(app: APIFlask, headers: dict[str, str], made: dict[str, str]) -> list[dict[str, object]]:
    path = f"/api/v1/webhooks/{made['id']}/deliveries"
    return list(app.test_client().get(path, headers=headers).json)


def enable(app: APIFlask, headers: dict[str, str], made: dict[str, str]) -> None:
    path = f"/api/v1/webhooks/{made['id']}/enabled"
    answer = app.test_client().post(path, json={"enabled": True}, headers=headers)
    assert answer.status_code == 200


def replay(app: APIFlask, headers: dict[str, str], made: dict[str, str], message: object) -> None:
    path = f"/api/v1/webhooks/{made['id']}/deliveries/{message}/replay"
    assert app.test_client().post(path, headers=headers).status_code == 204


def remove(app: APIFlask, headers: dict[str, str], made: dict[str, str]) -> None:
    path = f"/api/v1/webhooks/{made['id']}"
    assert app.test_client().delete(path, headers=headers).status_code == 204


def standing(app: APIFlask, made: dict[str, str]) -> tuple[bool, str, str]:
    with house_of(app).sessions() as session:
        row = session.get_one(SubscriptionRow, made["id"])
        item = select(ItemRow.state).where(ItemRow.subject == made["id"])
        return row.enabled, row.ended_why, session.scalars(item).one()


def test_what_was_told_is_forgotten_after_its_time_and_not_before(
    app: APIFlask, headers: dict[str, str], receiver: Receiver
) -> None:
    made, house = subscribe(app, headers, receiver.url), house_of(app)
    settle(app, 30)
    with house.sessions.begin() as session:
        mine = DeliveryRow.subscription_id == made["id"]
        first, *_rest = session.scalars(select(DeliveryRow).where(mine)).all()
        states = ("DELIVERED", "DELIVERED", "GIVEN_UP", "PENDING")
        for place, (state, days) in enumerate(zip(states, (31, 29, 31, 31), strict=True)):
            at = house.clock.now() - timedelta(days=days)
            told = {"type": first.type, "case_no": first.case_no, "content": "{}"}
            key = {"subscription_id": made["id"], "message_id": f"old-{place}"}
            session.add(DeliveryRow(**key, **told, state=state, created_at=at, answered_at=at))
    pruning = Pruning()
    assert pruning.run_if_due(house)
    assert not pruning.run_if_due(house), "once a night"
    with house.sessions() as session:
        left = select(DeliveryRow.message_id).where(mine, DeliveryRow.message_id.like("old-%"))
        assert set(session.scalars(left)) == {"old-1", "old-2", "old-3"}
