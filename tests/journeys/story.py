"""A case folder played through the API, each step by the person whose step it is.

    story = Story(app, folder, Notebook())
    story.play()

Every step has a name, which is its Idempotency-Key, so a step whose answer got lost is simply done
again. A notebook keeps the answers, as a person keeps receipts: a receipt given once must be given
again, unchanged, whenever the step is repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portal.cases.state import Case
from portal.duties import due_duties
from portal.house import House
from portal.rehearsal.moving import move_clock
from tests.faults.driving import drive
from tests.houses import case_of
from tests.journeys.cast import Answer, Notebook, People, read

API = "/api/v1"


@dataclass
class Story:
    """One case. `people` are made when not given; steps raise AssertionError when refused."""

    app: APIFlask
    folder: Path
    notebook: Notebook = field(default_factory=Notebook)
    people: People | None = None

    @property
    def house(self) -> House:
        house: House = self.app.extensions["mingan"]
        return house

    @cached_property
    def claim(self) -> Any:
        return read(self.folder, "claim.json")

    @property
    def case_no(self) -> str:
        return str(self.notebook.answers["send"]["case_no"])

    @property
    def case(self) -> Case:
        return case_of(self.house, self.case_no)

    # The whole story -----------------------------------------------------------------------------

    def play(self) -> None:
        """From the platform's records to the end of the case."""
        self.file()
        self.go_on()

    def go_on(self) -> None:
        """From the filed claim to the end."""
        self.answer()
        self.keep_up()
        self.take_seats()
        self.vote()
        self.keep_up()
        self.accept_ruling()
        self.keep_up()
        self.give_back()
        self.keep_up()
        self.see_paid()

    def file(self) -> None:
        self.prepare()
        self.send_claim()
        self.choose_track()

    def prepare(self) -> None:
        """Everything before the claim is sent."""
        self.hand_over()
        self.write_claim()

    def hand_over(self) -> None:
        self.hand_over_livestream()
        order = (self.folder / "order.json").read_bytes()
        self.step("order", "PLATFORM", "POST", "/orders", data=order, content_type=JSON)

    def hand_over_livestream(self) -> None:
        parts = {"session": "livestream.json", "replay": "replay.mp4"}
        parts |= {"transcript": "transcript.json", "chat": "chat.csv"}
        present = {part: self.folder / name for part, name in parts.items()}
        given = {part: path for part, path in present.items() if path.exists()}
        self.step("livestream", "PLATFORM", "POST", "/livestreams", **form(given))

    def write_claim(self) -> None:
        """The buyer's draft with all files, not sent."""
        self.start_claim()
        for exhibit in self.own_exhibits():
            self.attach(exhibit)

    def start_claim(self) -> None:
        claim = self.claim
        problem = {name: claim[name] for name in PROBLEM}
        platform = read(self.folder, "order.json")["platform"]
        self.step("start", "BUYER", "POST", "/claims", json={"platform": platform, **problem})
        changes = {
            "text": claim["text"],
            "promises": claim.get("cited_promises", []),
            "remedies": claim["remedies"],
        }
        self.step("write", "BUYER", "PATCH", f"/claims/{self.draft_id}", json=changes)

    def own_exhibits(self) -> list[Answer]:
        exhibits = read(self.folder, "exhibits.json")["exhibits"]
        return [exhibit for exhibit in exhibits if exhibit["by"] == "BUYER"]

    def attach(self, exhibit: Answer) -> Answer:
        path = f"/claims/{self.draft_id}/evidence"
        parts = {"file": self.folder / exhibit["file"]}
        parts |= {"kind": exhibit["kind"], "note": exhibit["note"]}
        return self.step(f"attach {exhibit['id']}", "BUYER", "POST", path, **form(parts))

    @property
    def draft_id(self) -> str:
        return str(self.notebook.answers["start"]["draft_id"])

    def send_claim(self) -> None:
        self.step("send", "BUYER", "POST", f"/claims/{self.draft_id}/send")

    def choose_track(self) -> None:
        """The operator's step, for folders whose panel is not the usual one."""
        ballots = self.folder / "ballots.json"
        track = read(self.folder, "ballots.json")["panel"]["track"] if ballots.exists() else USUAL
        if track != USUAL:
            body = {"track": track, "reason": "金额较大"}
            self.step("track", "OPERATOR", "POST", self.of_case("track"), json=body)

    def answer(self) -> None:
        """The merchant's answer; without one, the clock runs out. An offer is declined."""
        if not (self.folder / "response.json").exists():
            self.wait_for_deadline()
            return
        response = read(self.folder, "response.json")
        self.step("respond", "MERCHANT", "POST", self.of_case("response"), json=answer_of(response))
        if response.get("offer"):
            refusal = {"accept": False, "text": "不接受"}
            self.step("decline", "BUYER", "POST", self.of_case("offer"), json=refusal)

    def of_case(self, what: str) -> str:
        return f"/cases/{self.case_no}/{what}"

    def take_seats(self) -> None:
        """Everybody who was drawn accepts."""
        case = self.case
        for seat in case.drawn.seats if case.drawn else ():
            path, body = self.of_case("seat"), {"accept": True}
            self.step(f"accept {seat.number}", seat.reviewer_id, "POST", path, json=body)

    def accept_ruling(self) -> None:
        """Whoever lost something accepts, so that nobody waits for an appeal."""
        case = self.case
        sides = case.losers if case.state == "APPEAL_WINDOW" else ()
        for side in (side for side in ("BUYER", "MERCHANT") if side in sides):
            path = self.of_case("ruling/accept")
            self.step(f"{side} accepts", side, "POST", path)

    def vote(self) -> None:
        """Each drawn seat as the folder says; seats without a ballot stay silent."""
        case = self.case
        if case.drawn is None:
            return
        waiting = {stratum: [] for stratum in ("BUYER_SIDE", "MERCHANT_SIDE", "EXPERT")}
        for ballot in read(self.folder, "ballots.json")["ballots"]:
            waiting[ballot["stratum"]].append(ballot)
        for seat in case.drawn.seats:
            ballots = waiting[seat.stratum.partition("/")[0]]
            if ballots:
                self.look(seat.number, seat.reviewer_id)
                self.cast(seat.number, seat.reviewer_id, ballots.pop(0))
        if self.case.state == "DELIBERATION":
            self.wait_for_deadline()

    def look(self, seat: int, reviewer_id: str) -> Answer:
        """Open everything that both sides have brought."""
        numbers = [x.number for x in self.case.exhibits if x.side in ("BUYER", "MERCHANT")]
        path, body = self.of_case("opened"), {"numbers": numbers}
        return self.step(f"open {seat}", reviewer_id, "POST", path, json=body)

    def cast(self, seat: int, reviewer_id: str, ballot: Answer) -> Answer:
        body = {name: ballot[name] for name in BALLOT}
        body["citations"] = self.citations(ballot["exhibits"])
        path = self.of_case("ballot")
        return self.step(f"vote {seat}", reviewer_id, "POST", path, json=body)

    def citations(self, ids: list[str]) -> list[str]:
        """The folder's exhibits by the portal's numbers: the same file has the same digest."""
        numbers = {exhibit.file.sha256: exhibit.number for exhibit in self.case.exhibits}
        exhibits = read(self.folder, "exhibits.json")["exhibits"]
        digests = {exhibit["id"]: exhibit["sha256"] for exhibit in exhibits}
        found = [numbers[digests[one]] for one in ids if digests[one] in numbers]
        return found or ["P1"]

    def give_back(self) -> None:
        if self.case.order is None or not self.case.order.return_first:
            return
        parcel = {"carrier": "zto", "waybill": "75518843620999"}
        self.step("return", "BUYER", "POST", self.of_case("return"), json=parcel)
        if self.case.response:
            self.step("confirm", "MERCHANT", "POST", self.of_case("return/confirm"))
        else:
            self.wait_for_deadline()

    # What is nobody's step -----------------------------------------------------------------------

    def keep_up(self) -> None:
        """Do all that the system owes its cases until people are to act again."""
        self.house.projection.catch_up()
        while todo := self.case.todo:
            self.house.duties.perform(todo, self.case_no, "")
        self._expire()

    def _expire(self) -> None:
        with self.house.sessions() as session:
            due = due_duties(session, self.house.clock)
        for duty in due:
            self.house.duties.perform(duty.kind, duty.case_no, duty.subject)

    def see_paid(self) -> None:
        """Until the money is where it belongs; a dead worker's movements come up by themselves."""
        drive(self.house)

    def wait_for_deadline(self) -> None:
        """Move the rehearsal's clock past whatever clock of the case is running."""
        step = f"wait {self.case.clock.clock}" if self.case.clock else ""
        if step and step not in self.notebook.answers:
            move_clock(self.house.sessions, 11 * 86_400)
            self.notebook.keep(step, {})
        self._expire()

    # One step ------------------------------------------------------------------------------------

    def step(self, name: str, who: str, method: str, path: str, **request: Any) -> Answer:
        """Do a step as somebody. One that gave no receipt is not repeated once it is noted."""
        known = self.notebook.answers.get(name)
        if known is not None and "receipt" not in known:
            return known
        answer = self.call(who, method, path, key=name, **request)
        if known is None:
            self.notebook.keep(name, answer)
        else:
            assert answer["receipt"] == known["receipt"], f"{name}: another receipt"
        return answer

    def call(self, who: str, method: str, path: str, key: str = "", **request: Any) -> Answer:
        response = self.send(who, method, path, key, **request)
        assert response.status_code < 300, f"{who} {path}: {response.status} {response.text}"
        answer: Answer = response.json
        return answer

    def send(self, who: str, method: str, path: str, key: str = "", **request: Any) -> Any:
        """The plain response, whatever it is. A key names the wish."""
        assert self.people is not None, "a story without people"
        headers = {"Authorization": f"Bearer {self.people.tokens[who]}"}
        headers |= {"Idempotency-Key": key} if key else {}
        client = self.app.test_client()
        return client.open(API + path, method=method, headers=headers, buffered=True, **request)


def form(parts: dict[str, Any]) -> dict[str, Any]:
    """Texts and files (paths, or FileStorage for another name) as arguments of a request. The test
    client would put a body above 500 kB into a temporary file and leave it open."""
    boundary, body = encode_multipart({name: _part(part) for name, part in parts.items()})
    return {"data": body, "content_type": f'multipart/form-data; boundary="{boundary}"'}


def _part(part: Any) -> Any:
    if isinstance(part, Path):
        return FileStorage(BytesIO(part.read_bytes()), filename=part.name)
    return part


USUAL = "STANDARD"
JSON = "application/json"
PROBLEM = ("order_id", "line_ids", "reason_code", "secondary_codes", "received_goods")
BALLOT = ("choice", "amount_fen", "compensation_fen", "reasons", "text")


def answer_of(response: Answer) -> Answer:
    """A response.json as the API takes it; contests name exhibits in the folder's own way."""
    offer = response.get("offer")
    body = {"answer": "OFFER" if offer else response["answer"], "text": response["text"]}
    if offer:
        body["offer"] = {"code": offer["remedy"], "amount_fen": offer["amount_fen"]}
    elif response["answer"] == "DENY":
        body["reason_code"] = response.get("reason_code", "OTHER")
    return body
