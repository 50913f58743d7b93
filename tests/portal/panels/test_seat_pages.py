"""Invitations, recusals and the operator's hand on a panel, as people meet them."""

from __future__ import annotations

import threading

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from portal.access import Role
from portal.audit.disclosure import rules_for
from portal.database import db
from portal.duties import due_duties
from portal.errors import NotFound, PortalError, Refused
from portal.events import Seat
from portal.history import load
from portal.panels import invitations
from portal.panels.commands import AnswerSeat
from portal.panels.tables import ReviewerTie
from portal.pool.commands import SetReviewerState
from portal.streams import case_stream
from tests.builders import house_of
from tests.houses import case_of, enroll_one, perform_todo
from tests.people import enroll, sign_in
from tests.portal.rooms import (
    a_token,
    cast,
    invite_a_panel,
    reviewer,
    seat_a_panel,
    send,
    sign_in_seat,
)
from tests.values import CASE_NO

INVITATION = f"/r/{CASE_NO}/invitation"
REVIEW = f"/r/{CASE_NO}"
PANEL = f"/ops/panels/{CASE_NO}"
API = f"/api/v1/cases/{CASE_NO}"


@pytest.fixture
def seats(app: APIFlask) -> tuple[Seat, ...]:
    return invite_a_panel(app)


def an_operator(app: APIFlask) -> FlaskClient:
    enroll(app, "ops@example.com", Role.OPERATOR)
    return sign_in(app, "ops@example.com")


def an_association(app: APIFlask) -> FlaskClient:
    enroll(app, "office@example.com", Role.ASSOCIATION)
    return sign_in(app, "office@example.com")


def test_an_invitation_names_the_parties_and_nothing_of_the_dispute(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    page = sign_in_seat(app, seats[0]).get(INVITATION).text
    claim = case_of(house_of(app)).claim
    for shown in (claim.shop, claim.lines[0].title, "1000 元到 5000 元", "现在 1 件"):
        assert shown in page
    for hidden in (claim.buyer_ref, claim.order_id, claim.text, "详情页写明聚酯纤维"):
        assert hidden not in page


@pytest.mark.parametrize(
    "path", [REVIEW, f"/cases/{CASE_NO}", f"/cases/{CASE_NO}/exhibits/B1", f"{API}"]
)
def test_whoever_is_merely_invited_does_not_read_the_file(
    app: APIFlask, seats: tuple[Seat, ...], path: str
) -> None:
    client = sign_in_seat(app, seats[0])
    headers = a_token(app, f"{seats[0].reviewer_id}@example.com") if path == API else {}
    assert client.get(path, headers=headers).status_code == 404


def test_accepting_needs_the_declaration_and_opens_the_file(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    client = sign_in_seat(app, seats[0])
    refused = send(client, INVITATION, f"{INVITATION}/accept", command_id="one")
    assert refused.status_code == 422
    assert "请先确认没有关系" in refused.text
    accepted = send(client, INVITATION, f"{INVITATION}/accept", declared="y", command_id="one")
    assert accepted.status_code == 303
    assert client.get(REVIEW).status_code == 200
    assert client.get(INVITATION).status_code == 404


def test_the_list_tells_no_deadline_for_a_vote_whose_clock_has_not_started(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    """While others are being invited, the case's deadline is that of their answers."""
    client = sign_in_seat(app, seats[0])
    assert "截止" in client.get("/r").text
    send(client, INVITATION, f"{INVITATION}/accept", declared="y", command_id="one")
    page = client.get("/r").text
    assert "有 1 件等你投票" in page
    assert "全部席位答复邀请后才开始计时" in page
    assert "截止" not in page


def test_declining_hands_the_seat_on_and_closes_the_door(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    client = sign_in_seat(app, seats[0])
    assert send(client, INVITATION, f"{INVITATION}/decline").status_code == 422
    answer = send(client, INVITATION, f"{INVITATION}/decline", code="PRIOR_BUYER", text="买过")
    assert answer.status_code == 303
    case = case_of(house_of(app))
    assert case.drawn is not None
    assert case.seats[0].reviewer_id == case.drawn.reserves["BUYER_SIDE"][0]
    assert [client.get(p).status_code for p in (INVITATION, REVIEW)] == [404, 404]
    assert CASE_NO not in client.get("/r").text


def test_a_reviewer_who_left_no_longer_sees_or_votes(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    client = sign_in_seat(app, seats[0])
    cast(app, seats[0])
    form = f"/r/{CASE_NO}/recusal"
    assert "这张票不再计入" in client.get(form).text
    assert send(client, form, code="RELATIVE", text="是我表弟").status_code == 303
    assert case_of(house_of(app)).ballots == ()
    for path in (REVIEW, f"{REVIEW}/sealed", f"/cases/{CASE_NO}/exhibits/B1"):
        assert client.get(path).status_code == 404
    with pytest.raises(NotFound):
        cast(app, seats[0], wish="again")


def test_the_reserve_who_steps_in_is_asked_and_may_vote(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    house = house_of(app)
    headers = a_token(app, f"{seats[0].reviewer_id}@example.com")
    left = app.test_client().post(f"{API}/recusal", json={"code": "OTHER"}, headers=headers)
    assert left.status_code == 200
    newcomer = case_of(house).seats[0]
    with app.app_context():
        (mine,) = (
            s
            for s in db.session.execute(db.text("select recipient, text from message"))
            if s[0] == f"reviewer:{newcomer.reviewer_id}"
        )
    assert "候补" in mine[1]
    seat = Seat(newcomer.number, newcomer.reviewer_id, newcomer.stratum)
    with pytest.raises(NotFound):
        cast(app, seat, wish="early")
    wish = AnswerSeat(CASE_NO, newcomer.reviewer_id, accept=True)
    invitations.answer(house, reviewer(seat), wish, "accepts")
    cast(app, seat, wish="new")
    assert case_of(house).has_voted(1)


def test_a_reviewers_own_words_stay_with_the_offices(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    client = sign_in_seat(app, seats[0])
    send(client, f"/r/{CASE_NO}/recusal", code="RELATIVE", text="店主是我表弟")
    with house_of(app).sessions() as session:
        history = load(session, case_stream(CASE_NO))
    for side in ("BUYER", "MERCHANT", "PLATFORM", "REVIEWER"):
        rules = rules_for(side, history)
        shown = [f.json for entry in history.entries for f in rules.fields(entry.code, entry)]
        assert not any("表弟" in text for text in shown), side
    assert "表弟" in an_operator(app).get(PANEL).text


def test_the_same_answer_twice_counts_once(app: APIFlask, seats: tuple[Seat, ...]) -> None:
    headers = a_token(app, f"{seats[0].reviewer_id}@example.com") | {"Idempotency-Key": "k"}
    client, body = app.test_client(), {"accept": False, "code": "OTHER", "text": ""}
    answers = [client.post(f"{API}/seat", json=body, headers=headers).json for _ in range(2)]
    assert answers[0]["receipt"] == answers[1]["receipt"]
    assert len(case_of(house_of(app)).round.recusals) == 1


def test_seven_answers_at_once_take_seven_seats(app: APIFlask, seats: tuple[Seat, ...]) -> None:
    house, faults = house_of(app), list[PortalError]()

    def accept(seat: Seat) -> None:
        wish = AnswerSeat(CASE_NO, seat.reviewer_id, accept=True)
        try:
            invitations.answer(house, reviewer(seat), wish, f"accept/{seat.number}")
        except PortalError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=accept, args=(seat,)) for seat in seats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert case_of(house).state == "DELIBERATION"


def test_the_operator_sees_pseudonyms_and_never_a_choice(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    cast(app, seats[0])
    client = an_operator(app)
    page = client.get(PANEL).text
    for seat in seats:
        assert seat.reviewer_id in page
    assert "SUPPORT_CLAIMANT" not in page
    assert "支持买家" not in page
    assert CASE_NO in client.get("/ops/panels").text


def test_the_operator_removes_one_reviewer_with_a_reason(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    cast(app, seats[2])
    client = an_operator(app)
    fields = {"reviewer_id": seats[2].reviewer_id, "code": "EMPLOYMENT"}
    assert send(client, PANEL, f"{PANEL}/remove", **fields).status_code == 422
    done = send(client, PANEL, f"{PANEL}/remove", text="店里的前员工", **fields)
    assert done.status_code == 303
    case = case_of(house_of(app))
    assert case.seats[2].reviewer_id != seats[2].reviewer_id
    assert case.ballots == ()
    assert sign_in_seat(app, seats[2]).get(REVIEW).status_code == 404


def test_removal_from_the_pool_empties_the_seats_that_were_held(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    cast(app, seats[0])
    house = house_of(app)
    gone = SetReviewerState(seats[0].reviewer_id, "REMOVED", "收钱投票")
    house.recorder.record(gone, by="OPERATOR", command_id="gone")
    for _twice in range(2):
        with house.sessions() as session:
            due = due_duties(session, house.clock)
        for duty in due:
            house.duties.perform(duty.kind, duty.case_no, duty.subject)
    case = case_of(house)
    (left,) = case.round.recusals
    assert (left.why, left.reviewer_id) == ("REMOVED", seats[0].reviewer_id)
    assert case.ballots == ()
    with house.sessions() as session:
        assert due_duties(session, house.clock) == []


def test_a_void_draws_again_without_anybody_of_the_first_panel(app: APIFlask) -> None:
    seats = seat_a_panel(
        app,
    )
    for stratum, count in (("BUYER_SIDE", 3), ("MERCHANT_SIDE", 3)):
        for number in range(10, 10 + count):
            enroll_one(app, house_of(app), f"r_{stratum.lower()}_{number}", stratum)
    client = an_operator(app)
    fields = {"reason": "CONFLICT_FOUND", "about": seats[0].reviewer_id}
    done = send(client, PANEL, f"{PANEL}/void", explanation="第 1 席是店主", **fields)
    assert done.status_code == 303
    perform_todo(house_of(app))
    case = case_of(house_of(app))
    assert (case.round.number, case.round.kind, case.state) == (2, "REDRAW", "SEATING")
    assert not {s.reviewer_id for s in case.seats} & {s.reviewer_id for s in seats}
    assert "第 1 席是店主" in client.get("/ops/panels").text
    assert sign_in_seat(app, seats[1]).get(REVIEW).status_code == 404


def test_a_pool_that_is_too_small_for_a_second_panel_is_named_to_the_operator(
    app: APIFlask,
) -> None:
    seat_a_panel(app)
    client = an_operator(app)
    void = {"reason": "PROCEDURE", "explanation": "抽选前漏了一条回避"}
    send(client, PANEL, f"{PANEL}/void", **void)
    with pytest.raises(Refused):
        perform_todo(house_of(app))
    page = client.get(PANEL).text
    assert "评审员不足" in page
    assert "买家代表" in page


def test_a_tie_that_comes_to_light_later_is_shown_beside_the_seat(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    house = house_of(app)
    with house.sessions.begin() as session:
        at = house.clock.now()
        tie = ReviewerTie(
            reviewer_id=seats[3].reviewer_id,
            kind="WORKED_FOR",
            value="shop-1",
            source="OBSERVED",
            at=at,
        )
        session.add(tie)
    page = an_operator(app).get(PANEL).text
    assert "与店铺有关系" in page
    assert "核实后移出" in page


def test_trustees_who_are_lost_need_the_associations_word(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    for seat in seats:
        cast(app, seat)
    operator, office = an_operator(app), an_association(app)
    assert case_of(house_of(app)).state == "TALLY"
    page = f"{PANEL}/propose"
    assert send(operator, PANEL, page, lost="两把钥匙都没了").status_code == 303
    shown = office.get("/a/voids").text
    assert "两把钥匙都没了" in shown
    assert send(operator, "/ops/panels", f"/a/voids/{CASE_NO}").status_code == 403
    assert send(office, "/a/voids", f"/a/voids/{CASE_NO}").status_code == 303
    voided = case_of(house_of(app)).earlier[0].voided
    assert voided is not None
    assert (voided.reason, voided.consented_by) == ("TRUSTEES_LOST", "ASSOCIATION")


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.OPERATOR,)])
@pytest.mark.parametrize("what", ["remove", "void", "propose"])
def test_only_the_operator_has_a_hand_on_panels(app: APIFlask, role: Role, what: str) -> None:
    enroll(
        app, "x@example.com", role, reviewer_id="r_x", shop_id="s", platform="p", buyer_ref="b_1"
    )
    client = sign_in(app, "x@example.com")
    assert send(client, "/rules", f"{PANEL}/{what}").status_code in (400, 403)
    assert client.get(PANEL).status_code == 403
