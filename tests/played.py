"""A case played on from its filing, step by step, without pages.

case_no = file_sample(app, "silk-shirt")
offer_and_decline(app, case_no)      a panel is seated
vote(app, case_no, seats=3)          three ballots are in
decide(app, case_no)                 the others too; opened, counted, ruled
send_back(app, case_no)              returned, received, refunded, closed
"""

from __future__ import annotations

from apiflask import APIFlask

from portal.access import Actor, Role
from portal.appeals.commands import AcceptRuling
from portal.cases.state import SeatNow
from portal.claims.commands import DecideOffer, ShipReturn
from portal.events import Remedy
from portal.house import House
from portal.panels import desk
from portal.panels.opened import note_opened
from portal.responses.commands import ConfirmReturn, FileResponse
from tests.houses import accept_all, case_of, enroll_pool, perform_todo

WAYBILL = "SF1390077315588"
OFFER_TEXT = "愿意退一部分，电话 13912345678"


def offer_and_decline(app: APIFlask, case_no: str) -> None:
    """The merchant offers a part, the buyer wants it decided; needs nobody in the pool yet."""
    enroll_pool(app)
    house, shop = _house(app), case_of(_house(app), case_no).claim.shop_id
    offer = Remedy("PARTIAL_REFUND", 10_000)
    answer = FileResponse(case_no, "OFFER", OFFER_TEXT, "AS_SAID", offer, (), ())
    house.recorder.record(answer, by=f"MERCHANT:{shop}", command_id=f"answer/{case_no}")
    declined = DecideOffer(case_no, accept=False, text="不接受，请评审")
    house.recorder.record(declined, by="BUYER", command_id=f"decline/{case_no}")
    perform_todo(house, case_no)
    accept_all(house, case_no)


def vote(app: APIFlask, case_no: str, seats: int) -> None:
    """The first `seats` seats vote for the buyer."""
    for seat in case_of(_house(app), case_no).seats[:seats]:
        if not case_of(_house(app), case_no).has_voted(seat.number):
            _vote(_house(app), case_no, seat)


def _vote(house: House, case_no: str, seat: SeatNow) -> None:
    case = case_of(house, case_no)
    required = case.called.required if case.called else ()
    note_opened(house.sessions, case, seat.reviewer_id, required, house.clock.now())
    ballot = desk.Vote(
        choice="SUPPORT_CLAIMANT",
        reasons=("PROMISE_PROVED",),
        text=f"席位 {seat.number}：直播里说的是桑蚕丝，吊牌是聚酯纤维。",
        citations=("B1",),
    )
    roles = frozenset({Role.REVIEWER})
    actor = Actor(account_id=seat.number, roles=roles, reviewer_id=seat.reviewer_id)
    desk.cast(house, actor, case_no, ballot, f"vote/{case_no}/{seat.number}")


def decide(app: APIFlask, case_no: str) -> None:
    """Everybody votes; the ballots are opened, the ruling is made and accepted."""
    vote(app, case_no, seats=99)
    perform_todo(_house(app), case_no)
    for side in sorted(case_of(_house(app), case_no).losers):
        wish = AcceptRuling(case_no, side)
        _house(app).recorder.record(wish, by=side, command_id=f"accept/{case_no}/{side}")


def send_back(app: APIFlask, case_no: str) -> None:
    """The goods go back and arrive, the money is paid."""
    house = _house(app)
    shipped = ShipReturn(case_no, "顺丰速运", WAYBILL)
    house.recorder.record(shipped, by="BUYER", command_id=f"ship/{case_no}")
    arrived = ConfirmReturn(case_no)
    house.recorder.record(arrived, by="MERCHANT", command_id=f"arrived/{case_no}")
    perform_todo(house, case_no)


def play_to_end(app: APIFlask, case_no: str) -> None:
    """From the claim to the refund, with everything that can happen on the way."""
    offer_and_decline(app, case_no)
    decide(app, case_no)
    send_back(app, case_no)


def _house(app: APIFlask) -> House:
    house: House = app.extensions["mingan"]
    return house
