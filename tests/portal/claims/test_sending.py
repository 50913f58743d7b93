"""One claim becomes one case, whoever presses how often and whatever dies in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from apiflask import APIFlask
from sqlalchemy import select, update

from portal.access import Actor
from portal.cases.numbers import allocate
from portal.cases.tables import CaseNumber, CaseRow
from portal.claims import desk, sending
from portal.claims.commands import DecideOffer
from portal.claims.queries import own_order
from portal.claims.tables import ClaimDraft
from portal.errors import BadInput, NotFound, Refused
from portal.events import Remedy
from portal.house import House
from portal.orders.tables import OrderRow
from portal.rehearsal.moving import move_clock
from portal.responses.commands import FileResponse
from tests.builders import (
    a_draft,
    a_house,
    buyer_of,
    close_house,
    document,
    house_of,
    record_sample,
)
from tests.houses import case_of, perform_todo

SILK = "silk-shirt"


def count_cases(house: House) -> int:
    with house.sessions() as session:
        return len(session.scalars(select(CaseRow.case_no)).all())


def send(app: APIFlask, draft_id: str, actor: Actor | None = None) -> sending.Sent:
    return sending.send(house_of(app), actor or buyer_of(SILK), draft_id)


def test_a_claim_becomes_a_case_with_the_platforms_exhibits_first(app: APIFlask) -> None:
    sent = send(app, a_draft(app, SILK))
    case = case_of(house_of(app), sent.case_no)
    assert [(x.number, x.kind) for x in case.exhibits] == [
        ("P1", "REPLAY_FULL"),
        ("P2", "TRANSCRIPT"),
        ("P3", "LIVE_CHAT"),
        ("P4", "ORDER_RECORD"),
        ("P5", "ONAIR_CORRECTION"),
        ("B1", "PHOTO"),
        ("B2", "PHOTO"),
        ("B3", "UNBOXING_VIDEO"),
        ("B4", "IM_ARCHIVE"),
    ]
    assert {x.provenance for x in case.exhibits if x.side == "BUYER"} == {"G4_PARTY_UPLOAD"}


def test_a_claim_carries_what_the_platform_recorded(app: APIFlask) -> None:
    claim = case_of(house_of(app), send(app, a_draft(app, SILK, files=False)).case_no).claim
    assert [(line.line_id, line.spec, line.paid_fen) for line in claim.lines] == [
        ("ln-1", "颜色 香槟色，尺码 M", 32_900)
    ]
    assert (claim.payment.channel, claim.payment.refunded_fen) == ("wechat", 0)
    assert [p.multiplier for p in claim.promises] == [None, 3]
    assert claim.replay is not None
    assert claim.replay.sha256 == document(SILK, "livestream.json")["replay"]["sha256"]


def test_a_claim_without_its_livestream_can_still_be_filed(app: APIFlask) -> None:
    record_sample(app, "down-jacket", livestream=False)
    house, buyer = house_of(app), buyer_of("down-jacket")
    problem = desk.Problem(("ln-1",), "P03_SPEC_SIZE")
    order = document("down-jacket", "claim.json")["order_id"]
    draft = desk.start(house, buyer, buyer.platform or "", order, problem)
    wanted = desk.Changes(text="少了八十克", remedies=(Remedy("REFUND_RETURN", 59_900),))
    desk.save(house, buyer, draft.id, wanted)
    claim = case_of(house, sending.send(house, buyer, draft.id).case_no).claim
    assert (claim.session_id, claim.replay, claim.replay_ms) == (None, None, 0)


def test_sending_twice_gives_the_same_case_and_receipt(app: APIFlask) -> None:
    draft_id = a_draft(app, SILK, files=False)
    assert send(app, draft_id) == send(app, draft_id)
    assert count_cases(house_of(app)) == 1


def test_a_double_tap_is_one_case(app: APIFlask) -> None:
    draft_id = a_draft(app, SILK, files=False)
    with ThreadPoolExecutor(4) as taps:
        sent = list(taps.map(lambda _tap: send(app, draft_id), range(4)))
    assert len({each.receipt for each in sent}) == 1
    assert count_cases(house_of(app)) == 1


def test_a_double_tap_is_one_case_on_a_database_server_too(
    tmp_path: Path, postgres_url: str
) -> None:
    app = a_house(tmp_path, database_url=postgres_url)
    record_sample(app, SILK)
    with ThreadPoolExecutor(2) as tabs:
        drafts = set(tabs.map(lambda _tab: a_draft(app, SILK, files=False), range(2)))
    assert len(drafts) == 1
    draft_id = drafts.pop()
    with ThreadPoolExecutor(4) as taps:
        sent = set(taps.map(lambda _tap: send(app, draft_id), range(4)))
    assert len(sent) == 1
    assert count_cases(house_of(app)) == 1
    close_house(app)


def test_two_tabs_on_one_order_write_one_draft(app: APIFlask, house: House) -> None:
    first, second = a_draft(app, SILK, files=False), a_draft(app, SILK, files=False)
    assert first == second


def test_the_case_number_is_known_again_after_a_crash_before_it_was_noted(app: APIFlask) -> None:
    house, draft_id = house_of(app), a_draft(app, SILK, files=False)
    sent = send(app, draft_id)
    forget_that_it_was_sent(house, draft_id)
    assert send(app, draft_id) == sent
    assert count_cases(house) == 1


def forget_that_it_was_sent(house: House, draft_id: str) -> None:
    with house.sessions.begin() as session:
        unsent = {"sent_at": None, "slot": "0" * 64}
        session.execute(update(ClaimDraft).where(ClaimDraft.id == draft_id).values(**unsent))


def test_a_number_that_another_case_holds_is_passed_over(app: APIFlask) -> None:
    house = house_of(app)
    first = send(app, a_draft(app, SILK, files=False)).case_no
    with house.sessions.begin() as session:
        session.execute(update(CaseNumber).values(last=0))  # a restored, older database
    record_sample(app, "down-jacket")
    draft_id = a_draft(app, "down-jacket", files=False)
    second = sending.send(house, buyer_of("down-jacket"), draft_id).case_no
    assert first.endswith("-000001")
    assert second.endswith("-000002")


def test_a_lost_counter_starts_behind_the_numbers_in_the_rows(app: APIFlask) -> None:
    house = house_of(app)
    send(app, a_draft(app, SILK, files=False))
    with house.sessions.begin() as session:
        session.query(CaseNumber).delete()
    assert allocate(house.sessions, house.clock.now()).endswith("-000002")


def test_a_second_claim_waits_for_the_end_of_the_first(app: APIFlask) -> None:
    sent = send(app, a_draft(app, SILK, files=False))
    with pytest.raises(Refused) as refused:
        a_draft(app, SILK, files=False)
    assert refused.value.params == {"number": sent.case_no}


def test_another_buyers_order_does_not_exist(app: APIFlask, house: House) -> None:
    stranger = replace(buyer_of(SILK), buyer_ref="b_0000000000000000")
    problem = desk.Problem(("ln-1",), "P01_MATERIAL")
    order_id = document(SILK, "claim.json")["order_id"]
    with pytest.raises(NotFound):
        desk.start(house, stranger, stranger.platform or "", order_id, problem)


def test_another_buyers_draft_does_not_exist(app: APIFlask, house: House) -> None:
    stranger = replace(buyer_of(SILK), buyer_ref="b_0000000000000000")
    draft_id = a_draft(app, SILK, files=False)
    with pytest.raises(NotFound):
        send(app, draft_id, stranger)
    with pytest.raises(NotFound):
        desk.save(house, stranger, draft_id, desk.Changes(text="x"))


def test_a_sent_claim_cannot_be_changed(app: APIFlask, house: House) -> None:
    draft_id = a_draft(app, SILK, files=False)
    send(app, draft_id)
    with pytest.raises(Refused):
        desk.save(house, buyer_of(SILK), draft_id, desk.Changes(text="x"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (desk.Changes(text="  "), "text"),
        (desk.Changes(remedies=()), "remedies"),
        (desk.Changes(remedies=(Remedy("REFUND_RETURN", 32_901),)), "amount_fen"),
        (desk.Changes(remedies=(Remedy("REFUND_RETURN", None),)), "amount_fen"),
        (desk.Changes(remedies=(Remedy("CONTRACT_PENALTY", None),)), "remedies"),
    ],
)
def test_an_unfinished_claim_names_the_field_and_costs_no_number(
    app: APIFlask, house: House, changes: desk.Changes, field: str
) -> None:
    draft_id = a_draft(app, SILK, files=False)
    desk.save(house, buyer_of(SILK), draft_id, changes)
    with pytest.raises(BadInput) as bad:
        send(app, draft_id)
    assert bad.value.field == field
    with house.sessions() as session:
        assert session.scalar(select(CaseNumber.last)) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (desk.Changes(text="字" * 5001), "text"),
        (desk.Changes(promise_ids=("PA-99",)), "promises"),
        (desk.Changes(remedies=(Remedy("DISMISS"),)), "remedies"),
        (desk.Changes(remedies=(Remedy("REPAIR"), Remedy("REPAIR"))), "remedies"),
    ],
)
def test_what_can_never_be_filed_is_not_kept(
    app: APIFlask, house: House, changes: desk.Changes, field: str
) -> None:
    draft_id = a_draft(app, SILK, files=False)
    with pytest.raises(BadInput) as bad:
        desk.save(house, buyer_of(SILK), draft_id, changes)
    assert bad.value.field == field


def test_what_an_earlier_case_refunded_cannot_be_claimed_again(app: APIFlask) -> None:
    house = house_of(app)
    first = send(app, a_draft(app, SILK, files=False)).case_no
    settle_for(house, first, 20_000)
    draft_id = a_draft(app, SILK, files=False)
    with pytest.raises(BadInput) as bad:
        send(app, draft_id)
    assert bad.value.field == "amount_fen"
    left = desk.Changes(remedies=(Remedy("PARTIAL_REFUND", 12_900),))
    desk.save(house, buyer_of(SILK), draft_id, left)
    second = send(app, draft_id).case_no
    settle_for(house, second, 12_900)
    assert case_of(house, second).state == "EXECUTED"


def test_a_refund_that_the_platform_lists_under_our_number_counts_once(app: APIFlask) -> None:
    house = house_of(app)
    case_no = send(app, a_draft(app, SILK, files=False)).case_no
    settle_for(house, case_no, 20_000)
    (movement,) = case_of(house, case_no).movements
    with house.sessions.begin() as session:
        row = session.scalars(select(OrderRow)).one()
        listed = {"no": movement.attempt_no, "amount": 20_000, "at": "2026-11-20T00:00:00Z"}
        (payment,) = row.document["payments"]
        row.document = row.document | {"payments": [payment | {"already_refunded": [listed]}]}
    with house.sessions() as session:
        order = own_order(session, buyer_of(SILK), row.platform, row.order_id)
    assert order.payment.refunded_fen == 20_000
    assert order.refundable_fen([line.line_id for line in order.lines]) == 12_900


def settle_for(house: House, case_no: str, amount_fen: int) -> None:
    """The merchant offers, the buyer accepts, the provider pays."""
    offer = Remedy("PARTIAL_REFUND", amount_fen)
    answer = FileResponse(case_no, "OFFER", "", "", offer, (), ())
    house.recorder.record(answer, by="MERCHANT", command_id=f"answer/{case_no}")
    house.recorder.record(DecideOffer(case_no, True), by="BUYER", command_id=f"yes/{case_no}")
    move_clock(house.sessions, 61)  # WeChat wants a minute between two refunds of one payment
    perform_todo(house, case_no)
