"""Each of the eighteen goes red when what it says is made untrue, and only then."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace as with_fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import select, text

from portal import events as e
from portal.cases.evolving import fold
from portal.cases.state import Case
from portal.controls.commands import OverrideMoney
from portal.events import ArrivalPromise, RefundState
from portal.house import House
from portal.invariants import nightly
from portal.invariants.checks import CASE_CHECKS, Scope, check_refunds
from portal.invariants.finding import SENTENCES, Finding
from portal.invariants.lost import GivenUp
from portal.invariants.movement_checks import MOVEMENT_CHECKS, Told
from portal.invariants.provider_log import Asked, GivenBack, Moved
from portal.invariants.queries import latest
from portal.invariants.ruling_checks import RULING_CHECKS
from portal.monitors.commands import ResolveItem
from portal.monitors.tables import ItemRow
from portal.refunds.reserving import day_of
from portal.refunds.tables import CallRow, MovementRow
from portal.rulings.orders import settle
from portal.times import stamp
from tests.faults.driving import drive
from tests.faults.ordered import Ordered, order_money
from tests.houses import open_house
from tests.portal.stages import NOW, case_after, filed

NO = "RMA2026000001n1"
AMOUNT_FEN = 12_000
AT_ONCE = Scope(grace=timedelta(0))
DIGEST = hashlib.sha256(b"{}").hexdigest()


# One case's entries --------------------------------------------------------------------------


def told(*steps: e.Event, row: MovementRow | None = None) -> Told:
    """A case with one ordered refund and these steps of it."""
    before = filed()
    remedies = (e.Remedy("REFUND_ONLY", AMOUNT_FEN),)
    ordered = (*before, *settle(case_after(*before), remedies, NOW))
    case: Case = fold(((step, stamp(NOW)) for step in steps), case_after(*ordered))
    return Told(case, {NO: row} if row else {}, (), (), NOW, timedelta(0))


def a_step(state: str, attempt: int = 1, **changes: object) -> RefundState:
    paid = {"cash_fen": AMOUNT_FEN} if state == "SUCCESS" else {}
    asked = {"request_digest": f"d{attempt}", "provider": "wechat"} if state == "SUBMITTED" else {}
    return RefundState(NO, state, AMOUNT_FEN, attempt, **paid | asked | changes)  # type: ignore[arg-type]


PAID = (a_step("RESERVED"), a_step("SUBMITTED"), a_step("SUCCESS"))
CLOSED = (a_step("RESERVED"), a_step("SUBMITTED"), a_step("CLOSED"))
PROMISE = ArrivalPromise("2026-11-20", "2026-11-20", True)

WRONG = {
    "I2 beside an open attempt": (a_step("RESERVED"), a_step("SUBMITTED"), a_step("SUBMITTED", 2)),
    "I2 a number left out": (*CLOSED, a_step("SUBMITTED", 3)),
    "I4 other bytes": (*PAID[:2], a_step("SUBMITTED", request_digest="other")),
    "I4 no bytes": (a_step("RESERVED"), a_step("SUBMITTED", request_digest="")),
    "I4 another amount": (a_step("RESERVED"), RefundState(NO, "SUBMITTED", 1, request_digest="d")),
    "I12 backwards": (*PAID, a_step("PROCESSING")),
    "I12 paid without being asked": (a_step("RESERVED"), a_step("SUCCESS")),
    "I12 twice": (*PAID, a_step("SUCCESS")),
    "I12 by hand on nobody's word": (a_step("RESERVED"), a_step("SUCCESS", route="OFFLINE")),
    "I12 called covered on nobody's word": (a_step("CANCELLED", code="COVERED"),),
    "I12 arrived twice on nobody's denial": (
        *PAID,
        a_step("ARRIVED", source="CLOCK"),
        a_step("ARRIVED", source="BUYER"),
    ),
    "I15 a fen short": (*PAID[:2], a_step("SUCCESS", cash_fen=AMOUNT_FEN - 1)),
    "I11 on nobody's word": (*PAID[:2], a_step("SUCCESS", source="NOTICE")),
    "I5 nothing posted": PAID,
}


@pytest.mark.parametrize("case", WRONG)
def test_a_record_that_contradicts_itself_is_found(case: str) -> None:
    name = case.split()[0]
    assert list(CASE_CHECKS[name](told(*WRONG[case])))


@pytest.mark.parametrize("name", ["I2", "I3", "I4", "I12", "I13", "I15", "I17"])
@pytest.mark.parametrize(
    "steps",
    [
        (),
        PAID,
        (*PAID, a_step("REVERSED"), a_step("SUBMITTED", 2), a_step("SUCCESS", 2)),
        (*CLOSED, a_step("SUBMITTED", 2), a_step("SUBMITTED", 2), a_step("PROCESSING", 2)),
        (a_step("RESERVED"), a_step("CANCELLED")),
    ],
)
def test_a_lawful_life_contradicts_nothing(name: str, steps: tuple[RefundState, ...]) -> None:
    assert list(CASE_CHECKS[name](told(*steps))) == []


def test_an_arrival_that_was_presumed_denied_and_confirmed_contradicts_nothing() -> None:
    presumed, found = a_step("ARRIVED", source="CLOCK"), a_step("ARRIVED", source="BUYER")
    lawful = told(*PAID, presumed, e.ArrivalQuestioned(NO, ""), found)
    assert [list(CASE_CHECKS[name](lawful)) for name in ("I2", "I4", "I12", "I15")] == [[]] * 4
    again = told(*PAID, presumed, e.ArrivalQuestioned(NO, ""), found, found)
    by_nobody = told(*PAID, presumed, e.ArrivalQuestioned(NO, ""), presumed)
    assert list(CASE_CHECKS["I12"](again))
    assert list(CASE_CHECKS["I12"](by_nobody))


def test_a_promise_that_the_page_shows_otherwise_is_found() -> None:
    paid = (*PAID[:2], a_step("SUCCESS", promise=PROMISE))
    same = MovementRow(earliest=PROMISE.earliest, latest=PROMISE.latest)
    later = MovementRow(earliest=PROMISE.earliest, latest="2026-11-25")
    assert list(MOVEMENT_CHECKS["I18"](told(*paid, row=same))) == []
    assert list(MOVEMENT_CHECKS["I18"](told(*paid, row=later))) == [NO]


# Orders that nobody gave, beside the one of the ruling.
UNRULED = {
    "I3 another refund": ("n2", 1, "REFUND"),
    "I3 for an obligation that there is not": ("o1", 1, "REFUND"),
    "I17 compensation": ("p1", 1, "PAYOUT"),
    "I17 freight of nothing sent back": ("f1", 1, "FREIGHT"),
}


def with_order(sound: Told, line: str, fen: int, rail: str, *before: e.Event) -> Told:
    order = e.ExecutionOrdered(f"RMA2026000001{line}", fen, "pay-1", "wechat", False, rail)
    events = ((each, stamp(NOW)) for each in (*before, order))
    return with_fields(sound, case=fold(events, sound.case))


@pytest.mark.parametrize("case", UNRULED)
def test_an_order_beside_the_ruling_is_found(case: str) -> None:
    sound, name = told(*PAID), case.split()[0]
    assert list(RULING_CHECKS[name](sound)) == []
    assert list(RULING_CHECKS[name](with_order(sound, *UNRULED[case])))


@pytest.mark.parametrize("fen", [AMOUNT_FEN - 1, AMOUNT_FEN, AMOUNT_FEN + 1])
def test_a_refund_beyond_the_rulings_sum_is_found(fen: int) -> None:
    sound = told()
    reduced = e.ExecutionReduced(NO, fen, "RETURN_JUDGED")
    other = with_fields(sound, case=fold([(reduced, stamp(NOW))], sound.case))
    assert bool(list(RULING_CHECKS["I3"](other))) == (fen > AMOUNT_FEN)


@pytest.mark.parametrize(("fen", "holds"), [(800, True), (801, False), (10**9, False)])
def test_freight_beyond_what_the_buyer_stated_is_found(fen: int, *, holds: bool) -> None:
    shipped = e.ReturnShipped("SF", "SF1", freight_fen=800)
    more = with_order(told(), "f1", fen, "FREIGHT", shipped)
    assert (not list(RULING_CHECKS["I17"](more))) == holds


@pytest.mark.parametrize(("source", "worth"), [("CLOCK", 500), ("OFFICER", 300)])
def test_a_refund_for_an_obligation_beyond_its_worth_is_found(source: str, worth: int) -> None:
    owed = e.ObligationOrdered("O1", "REPLACE", "MERCHANT", stamp(NOW), "REFUND", 500)
    failed = e.ObligationState("O1", "FAILED", "", source, refund_fen=300)
    for fen, holds in ((worth, True), (worth + 1, False)):
        more = with_order(told(), "o1", fen, "REFUND", owed, failed)
        assert (not list(RULING_CHECKS["I3"](more))) == holds
    early = with_order(told(), "o1", 1, "REFUND", owed)
    assert list(RULING_CHECKS["I3"](early)), "it has not failed"


@pytest.mark.parametrize(
    ("days", "window", "holds"),
    [
        (364, {}, True),
        (366, {}, False),
        (10, {"refundable_until": stamp(NOW - timedelta(days=1))}, False),
    ],
)
def test_a_refund_asked_for_when_its_time_is_over_is_found(
    days: int, window: dict[str, str], *, holds: bool
) -> None:
    paid_at = stamp(NOW - timedelta(days=days))
    sound = told(*PAID)
    payment = structs.replace(sound.case.claim.payment, paid_at=paid_at, **window)
    filed_so = structs.replace(sound.case.claim, payment=payment)
    aged = with_fields(sound, case=with_fields(sound.case, filed=filed_so))
    assert (not list(MOVEMENT_CHECKS["I13"](aged))) == holds


# A house whose money has moved -----------------------------------------------------------------


@pytest.fixture(scope="module")
def paid_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cases paid by the real engine; what the tests spoil is a copy."""
    folder = tmp_path_factory.mktemp("paid") / "home"
    house = open_house(folder, rehearsal=True)
    for number in (1, 2):
        order_money(house, Ordered(number, compensation_fen=500 * number))
    drive(house)
    house.log.close()
    with house.sessions() as session:
        session.get_bind().dispose()
    return folder


@pytest.fixture
def house(paid_folder: Path, tmp_path: Path) -> Iterator[House]:
    shutil.copytree(paid_folder, tmp_path / "home")
    house = open_house(tmp_path / "home", rehearsal=True)
    yield house
    with house.sessions() as session:
        session.get_bind().dispose()


def broken(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.name for finding in findings if not finding.ok]


# What somebody with the database's password might do, and which invariant says so.
SPOILT = {
    "UPDATE payment SET spent_fen = 1": "I1",
    "UPDATE reservation SET state = 'HELD' WHERE refund_no LIKE '%n1'": "I8",
    "DELETE FROM reservation WHERE refund_no LIKE '%p1'": "I8",
    "UPDATE journal_account SET in_fen = in_fen + 1 WHERE kind = 'buyer_refund'": "I5",
    "DROP TRIGGER journal_entry_kept": "I5",
    "UPDATE movement SET over = 0, state = 'SUBMITTED'": "I7",
    "UPDATE movement SET latest = '1999-01-01'": "I18",
    "UPDATE entry SET raw = replace(raw, '2026', '2027') WHERE code = 'REFUND_STATE'": "I10",
    "DELETE FROM entry WHERE code = 'CASE_CLOSED'": "I10",
    "DELETE FROM provider_call WHERE kind = 'SUBMIT'": "I11",
    "UPDATE provider_call SET verified = 0": "I11",
    "UPDATE provider_call SET request_digest = 'other' WHERE kind = 'SUBMIT'": "I9",
    "UPDATE paid SET amount_fen = amount_fen + 1": "I6",
    "UPDATE reservation SET case_no = 'MA-X'": "I8",
    "UPDATE provider_call SET case_no = 'MA-X'": "I9",
    "UPDATE movement SET provider_txn = 'one'": "I13",
    "UPDATE recoup SET amount_fen = amount_fen + 1": "I14",
    "DELETE FROM recoup": "I14",
    "DELETE FROM payment": "I1",
    "UPDATE movement SET state = 'SUCCESS', latest = '2020-01-01'": "I7",
    """INSERT INTO difference (provider, day, kind, number, place, refund_no, case_no, bill_fen,
       our_fen, bill_state, our_state, raw, run, found_at) VALUES ('wechat', '2026-11-20', 'ORPHAN',
       'X', 0, '', '', 1, 0, 'SUCCESS', '', '', 'r', '2026-11-20 00:00:00')""": "I16",
    """INSERT INTO reconciled_day VALUES ('wechat', '2026-11-20', 'GREEN', 'd', 1, 1, 0, 5, 5, 4,
       '2026-11-21 00:00:00', 1)""": "I6",
    """INSERT INTO reconciled_day VALUES ('wechat', '2026-11-20', 'RED', 'd', 1, 1, 1, 6, 5, 5,
       '2026-11-21 00:00:00', 1)""": "I6",
    "UPDATE reservation SET amount_fen = amount_fen + 1 WHERE refund_no LIKE '%p1'": "I8",
    "UPDATE movement SET state = 'REVERSED' WHERE refund_no LIKE '%p1'": "I8",
}


@pytest.mark.parametrize("statement", SPOILT)
def test_a_row_that_was_changed_by_hand_is_found(house: House, statement: str) -> None:
    with house.sessions.begin() as session:
        session.execute(text("UPDATE turn SET next_at = NULL"))
        session.execute(text(statement))
    assert SPOILT[statement] in broken(check_refunds(house, None, AT_ONCE))


@pytest.mark.parametrize("turn", ["next_at = '2020-01-01 00:00:00'", "blocked = 'CAP'"])
def test_money_that_nobody_looks_at_any_more_is_found(house: House, turn: str) -> None:
    """A look that was due long ago is no look; and a day's limit ends by itself or not at all."""
    with house.sessions.begin() as session:
        session.execute(text("UPDATE turn SET next_at = NULL"))
        session.execute(text(f"UPDATE turn SET {turn}"))
        late = "state = 'SUCCESS', latest = '2020-01-01'"
        changes = late if "next_at" in turn else "over = 0, state = 'PLANNED'"
        session.execute(text(f"UPDATE movement SET {changes}"))
    assert "I7" in broken(check_refunds(house, None, AT_ONCE))


def test_a_line_of_the_journal_about_no_case_is_found(house: House) -> None:
    names = "line, refund_no, kind, part, debit, credit, amount_fen, currency, day, at"
    names = f"{names}, entry_index, entry_digest"
    copied = f"SELECT 'x', 'x', 'MA-X', {names} FROM journal_entry LIMIT 1"
    with house.sessions.begin() as session:
        session.execute(text(f"INSERT INTO journal_entry (id, txn, case_no, {names}) {copied}"))
    found = {finding.name: finding for finding in check_refunds(house, None, AT_ONCE)}
    assert "x" in found["I5"].examples


def test_an_intent_that_nobody_followed_up_is_found() -> None:
    asked = told(*PAID[:2])
    assert list(CASE_CHECKS["I9"](asked)) == []
    later = with_fields(asked, now=NOW + timedelta(minutes=1))
    assert list(CASE_CHECKS["I9"](later)) == [f"{NO}a1"]


def test_a_transfer_instead_of_a_refund_needs_no_distance(tmp_path: Path) -> None:
    house = open_house(tmp_path / "home", rehearsal=True)
    for number in (1, 2):
        order_money(house, Ordered(number, 100, payment="same"))
    second = Ordered(2).refund_no
    wish = OverrideMoney("MA-2026-000002", second, "TO_PAYOUT", "到期了", "SYSTEM")
    house.recorder.record(wish, by="SYSTEM", command_id="payout")
    drive(house)
    assert "I13" not in broken(check_refunds(house, None, AT_ONCE))
    with house.sessions.begin() as session:
        sent = session.scalars(text("SELECT refund_no FROM provider_call WHERE kind = 'SUBMIT'"))
        assert second in sent.all()
        session.execute(text("UPDATE provider_call SET sent_at = '2026-11-22 00:00:00'"))
    assert "I13" not in broken(check_refunds(house, None, AT_ONCE))


class Log:
    """A provider that says what a test wants it to say."""

    def __init__(self, moved: list[Moved], asked: list[Asked]) -> None:
        self._moved, self._asked = moved, asked

    def moved(self) -> list[Moved]:
        return self._moved

    def asked(self) -> list[Asked]:
        return self._asked

    def given_back(self) -> list[GivenBack]:
        return []

    def asked_back(self) -> list[Asked]:
        return []


def test_a_house_that_paid_keeps_all_eighteen(house: House) -> None:
    findings = nightly.run(house)
    assert tuple(finding.name for finding in findings) == tuple(SENTENCES)
    assert broken(findings) == []
    with house.sessions() as session:
        newest = latest(session)
    assert newest is not None
    assert (newest.ok, newest.whole, newest.findings) == (True, True, findings)
    assert not nightly.run_if_due(house)


def test_answers_lost_with_a_database_are_red_until_somebody_says_so_on_record(
    house: House,
) -> None:
    with house.sessions.begin() as session:
        session.execute(text("DELETE FROM provider_call"))
    findings = nightly.run(house)
    assert broken(findings) == ["I11"]
    lost = next(finding.lost for finding in findings if finding.lost)
    with house.sessions() as session:
        items = session.scalars(select(ItemRow).where(ItemRow.kind == "ANSWERS_LOST")).all()
    assert [(item.subject, item.note) for item in items] == [(d, str(n)) for d, n in lost]
    for item in items:
        opened_at = stamp(item.opened_at)
        wish = ResolveItem(
            item.item_no, item.kind, item.subject, opened_at, "", "从备份恢复，已对账"
        )
        house.recorder.record(wish, by="OPERATOR:1", command_id=f"close/{item.item_no}")
    assert broken(nightly.run(house)) == []
    with house.sessions() as session:
        left = session.scalars(select(ItemRow.kind).where(ItemRow.open_key.is_not(None))).all()
    assert left == []


def test_a_closed_loss_covers_no_unverified_notice_and_nothing_later() -> None:
    of_notice = told(*PAID[:2], a_step("SUCCESS", source="NOTICE", answer_digest=DIGEST))
    row = CallRow(kind="NOTICE", number=f"{NO}a1", raw=b"{}", verified=False)
    day = day_of(NOW)
    later, earlier = (GivenUp({day: NOW + timedelta(seconds=by)}) for by in (1, 0))
    steps = CASE_CHECKS["I11"]
    assert list(steps(with_fields(of_notice, given_up=later))) == []
    assert list(steps(with_fields(of_notice, given_up=earlier)))
    assert list(steps(with_fields(of_notice, given_up=later, calls=(row,))))


def test_what_the_provider_did_without_us_is_found(house: House) -> None:
    orphan = Log([Moved("wechat", "R9n1a1", 1, True)], [Asked("wechat", "R9n1a1", True)])
    assert {"I6", "I9", "I16"} <= set(broken(check_refunds(house, orphan, AT_ONCE)))


def test_a_broken_invariant_becomes_an_item_until_it_holds_again(house: House) -> None:
    change: Callable[[int], str] = "UPDATE payment SET spent_fen = spent_fen - {}".format
    counts = []
    for by in (1, -1):
        with house.sessions.begin() as session:
            session.execute(text(change(by)))
        nightly.run(house, Scope())
        with house.sessions() as session:
            open_items = text("SELECT count(*) FROM item WHERE open_key = 'INVARIANT_BROKEN/I1'")
            counts.append(session.scalar(open_items))
    assert counts == [1, 0]


def test_a_later_run_looks_only_at_what_moved(house: House) -> None:
    later = Scope(since=datetime.now(UTC) + timedelta(days=400))
    by_case = {finding.name: finding.looked_at for finding in check_refunds(house, None, later)}
    assert by_case["I12"] == 0
    assert by_case["I8"] > 0
