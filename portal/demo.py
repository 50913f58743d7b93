"""`mingan init --demo`: invented people who can sign in, and cases in every state.

The cases are the sample folders, played through the API inside this process up to some act.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from apiflask import APIFlask

from portal.house import House
from portal.installing import OPERATOR, TOKEN_FILE, publish_now, write_secret
from portal.rehearsal.answering import answer_claim, decide_offer
from portal.rehearsal.closing import confirm, finish, ship
from portal.rehearsal.failures import PlayFailed
from portal.rehearsal.filing import file_claim, hand_over
from portal.rehearsal.folder import CaseFolder, read_folder
from portal.rehearsal.indoors import indoor_client, perform_duties
from portal.rehearsal.people import Person, cast_of, operator_of
from portal.rehearsal.queries import seats_in
from portal.rehearsal.renewal import Renewal
from portal.rehearsal.residents import Resident, card, new_password, officers, parties, settle_in
from portal.rehearsal.residents import reviewer as resident_reviewer
from portal.rehearsal.scene import Scene
from portal.rehearsal.voting import Turn, await_draw, cast, enroll, seated, take_seats, vote
from portal.speech import say, words
from portal.words import STATES
from reviewers.pool import Stratum

SAMPLES = Path(__file__).resolve().parents[1] / "tests" / "samples"
SILK, DOWN = "silk-shirt", "down-jacket"
POOL = {Stratum.BUYER_SIDE: 12, Stratum.MERCHANT_SIDE: 12, Stratum.EXPERT: 6}
LOGINS = "logins.txt"
PATIENCE = 60.0
EARLY_BALLOTS = 3
UNANSWERED = 2


@dataclass(frozen=True)
class Sample:
    """A sample folder and how far it is played; `play` returns the case number."""

    folder: str
    play: Callable[[Scene], str]


def furnish(app: APIFlask, house: House) -> None:
    """People, reviewers and cases; the second time only a word about what is there."""
    path = house.config.folder / LOGINS
    if not path.exists():
        _refuse_impossible(house)
        say("正在准备演示案件，大约半分钟", "Making the sample cases takes about half a minute")
        people = _furnish(app, house)
        write_secret(path, people)
    print(path.read_text(), end="", flush=True)


def _refuse_impossible(house: House) -> None:
    if not house.config.rehearsal:
        raise PlayFailed(words("演示需要 MINGAN_REHEARSAL=1", "a demo needs MINGAN_REHEARSAL=1"))
    if not SAMPLES.is_dir():
        raise PlayFailed(words(f"没有样例：{SAMPLES}", f"the samples are missing: {SAMPLES}"))


def _furnish(app: APIFlask, house: House) -> str:
    """Returns the card of logins. After an interruption it starts again with other orders."""
    password = new_password()
    residents = _residents()
    settle_in(app, residents, password)
    with indoor_client(app) as client:
        operator = operator_of(client, house.config.folder / TOKEN_FILE)
        for number, sample in enumerate(CASES):
            scene = _scene(house, operator, _another(sample.folder))
            if number == 0:
                enroll(scene, POOL)
            hand_over(scene)
            case_no = sample.play(scene)
            print(f"  {case_no}  {_state(scene, case_no)}", flush=True)
        _leave_orders(house, operator)
    publish_now(house)
    drawn = _drawn(house)
    settle_in(app, drawn, password)
    return card([*residents, *drawn], password)


def _residents() -> list[Resident]:
    orders = [read_folder(SAMPLES / name).order for name in (SILK, DOWN)]
    people = [one for number, order in enumerate(orders, 1) for one in parties(number, order)]
    return [*people, *officers(OPERATOR)]


def _drawn(house: House) -> list[Resident]:
    with house.sessions() as session:
        invited, accepted = seats_in(session, "INVITED"), seats_in(session, "ACCEPTED")
    waiting = [resident_reviewer(one, invited=False) for one in accepted]
    return [
        resident_reviewer(one, invited=True) for one in invited if one not in accepted
    ] + waiting


def _scene(house: House, operator: Person, folder: CaseFolder) -> Scene:
    return Scene(
        folder=folder,
        cast=cast_of(operator, folder.order),
        patience=PATIENCE,
        rest=perform_duties(house),
        show=lambda _line: None,
    )


def _another(name: str) -> CaseFolder:
    """The sample as another order of the same buyer; the original stays free to be claimed."""
    return read_folder(SAMPLES / name, Renewal(secrets.token_hex(4), same_buyer=True))


def _leave_orders(house: House, operator: Person) -> None:
    """The samples' own orders and sessions, for the visitor or `mingan play` to claim."""
    for name in (SILK, DOWN):
        hand_over(_scene(house, operator, read_folder(SAMPLES / name)))


def _state(scene: Scene, case_no: str) -> str:
    code = scene.look(case_no).state
    return words(STATES[code], code)


def _to_panel(scene: Scene) -> str:
    case_no = _answered(scene)
    decide_offer(scene, case_no)
    await_draw(scene, case_no)
    return case_no


def _inviting(scene: Scene) -> str:
    """All but the last two have taken their seats."""
    case_no = _to_panel(scene)
    take_seats(scene, case_no, leaving=UNANSWERED)
    return case_no


def _answered(scene: Scene) -> str:
    case_no = file_claim(scene)
    answer_claim(scene, case_no)
    return case_no


def _in_default(scene: Scene) -> str:
    case_no = _answered(scene)
    ship(scene, case_no)
    confirm(scene, case_no)
    finish(scene, case_no)
    return case_no


def _paid(scene: Scene) -> str:
    case_no = _ruled(scene)
    finish(scene, case_no)
    return case_no


def _ruled(scene: Scene) -> str:
    case_no = _to_panel(scene)
    vote(scene, case_no)
    return case_no


def _voting(scene: Scene) -> str:
    case_no = _to_panel(scene)
    take_seats(scene, case_no)
    drawn = scene.look(case_no)
    for turn in _early(scene, case_no):
        cast(scene, drawn, turn)
    return case_no


def _early(scene: Scene, case_no: str) -> Sequence[Turn]:
    return [turn for turn in seated(scene, case_no) if turn.vote][:EARLY_BALLOTS]


# The clock moves in the first one, so that it runs out for nobody else.
CASES = (
    Sample(DOWN, _in_default),
    Sample(SILK, _paid),
    Sample(SILK, _ruled),
    Sample(SILK, _voting),
    Sample(SILK, _inviting),
    Sample(SILK, _answered),
    Sample(SILK, file_claim),
    Sample(DOWN, file_claim),
)
