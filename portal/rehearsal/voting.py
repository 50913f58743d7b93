"""Third act: the pool, the size of the panel, the ballots of those who were drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portal.rehearsal.answering import numbers_of
from portal.rehearsal.failures import Declined, PlayFailed
from portal.rehearsal.scene import Scene, Seen
from portal.rehearsal.script import Ballots, Loose, Vote
from portal.speech import words
from portal.words import BALLOT_REASONS, CHOICES, SIDE_LETTERS
from reviewers.ballot import CITATION_LIMIT, TEXT_LIMIT, replay_millisecond
from reviewers.pool import Stratum
from reviewers.tracks import Track

SPARE = 2  # reviewers beyond the seats of each side, so that the draw has something to choose
ALREADY, REFUSED = 409, 422


class DrawnSeat(Loose):
    number: int
    reviewer_id: str
    stratum: str
    state: str = ""

    @property
    def side(self) -> str:
        """Without an expert's field."""
        return self.stratum.partition("/")[0]


@dataclass(frozen=True)
class Turn:
    """One seat and the ballot that its reviewer casts; None: stays silent."""

    seat: DrawnSeat
    vote: Vote | None


def track_of(ballots: Ballots | None) -> Track:
    """The panel that fits what the folder names, or the smallest one that seats all ballots."""
    wanted = ballots or Ballots()
    named = wanted.panel.track.upper()
    needed = max(wanted.panel.seats, len(wanted.ballots))
    if named in Track.__members__ and needed <= Track(named).size:
        return Track(named)
    if not ballots or not needed:
        return Track.STANDARD
    fitting = [track for track in Track if track.size >= needed]
    return min(fitting, key=lambda track: track.size, default=Track.APPEAL)


def prepare_panel(scene: Scene, case_no: str) -> None:
    """Enough reviewers, and the track when it is not the usual one."""
    operator, track = scene.cast.operator, track_of(scene.folder.ballots)
    enroll(scene, {side: seats + SPARE for side, seats in track.seats.items()})
    if track is not Track.STANDARD:
        body = {"track": str(track), "reason": words("案件材料写明", "as the case folder says")}
        answer = operator.post(f"/cases/{case_no}/track", body)
        seats = track.size
        scene.record(operator, answer, f"改为 {seats} 人评审", f"assigns a panel of {seats}")


def enroll(scene: Scene, wanted: Mapping[Stratum, int]) -> None:
    """Reviewers with fixed names, so that a second play finds them there."""
    known = 0
    for stratum, count in wanted.items():
        for number in range(1, count + 1):
            reviewer = f"r_{stratum.lower()}_{number:02d}"
            known += _enroll(scene, {"reviewer_id": reviewer, "stratum": str(stratum)})
    if known:
        scene.note(
            scene.cast.operator, f"{known} 位评审员已在册", f"{known} reviewers are enrolled"
        )


def _enroll(scene: Scene, reviewer: dict[str, str]) -> bool:
    """True when the reviewer was there already. Nobody is drawn who has no account."""
    operator, who = scene.cast.operator, reviewer["reviewer_id"]
    scene.cast.reviewer(who)
    try:
        answer = operator.post("/reviewers", reviewer)
    except Declined as declined:
        if declined.status != ALREADY:
            raise
        return True
    scene.record(operator, answer, f"登记评审员 {who}", f"enrolls reviewer {who}")
    return False


def vote(scene: Scene, case_no: str) -> None:
    """Every seat is taken and casts its ballot; if one stays silent, the deadline passes."""
    drawn = await_draw(scene, case_no)
    take_seats(scene, case_no)
    turns = seated(scene, case_no)
    voted = [turn.vote is not None and cast(scene, drawn, turn) for turn in turns]
    silent = voted.count(False)
    if silent:
        operator = scene.cast.operator
        scene.note(operator, f"{silent} 位评审员没有投票", f"{silent} reviewers do not vote")
        scene.pass_deadline(case_no)
    decided = words("开封计票", "the count")
    scene.wait(case_no, lambda s: s.ruling is not None or s.state == "OFFICER", decided)


def take_seats(scene: Scene, case_no: str, leaving: int = 0) -> None:
    """Whoever is invited declares to have no relation and takes the seat; all but some."""
    invited = [seat for seat in _seats(scene, case_no) if seat.state == "INVITED"]
    for seat in invited[: len(invited) - leaving]:
        reviewer = scene.cast.reviewer(seat.reviewer_id)
        answer = reviewer.post(f"/cases/{case_no}/seat", {"accept": True})
        said = (f"接受第 {seat.number} 席", f"takes seat {seat.number}")
        scene.record(reviewer, answer, *said)


def _seats(scene: Scene, case_no: str) -> list[DrawnSeat]:
    answer = scene.cast.operator.get(f"/rehearsal/seats/{case_no}")
    return [DrawnSeat.model_validate(seat) for seat in answer]


def await_draw(scene: Scene, case_no: str) -> Seen:
    return scene.wait(case_no, lambda s: s.panel is not None, words("抽选评审员", "the draw"))


def seated(scene: Scene, case_no: str) -> list[Turn]:
    """Each drawn seat with its ballot: of its own stratum in order, then whatever is left."""
    seats = _seats(scene, case_no)
    votes = list(scene.folder.ballots.ballots if scene.folder.ballots else ())
    chosen: dict[int, Vote] = {}
    for same in (True, False):
        for seat in (seat for seat in seats if seat.number not in chosen):
            ballot = next((v for v in votes if not same or v.stratum == seat.side), None)
            if ballot is not None:
                votes.remove(ballot)
                chosen[seat.number] = ballot
    if votes:
        left = len(votes)
        scene.note(scene.cast.operator, f"{left} 张票没有席位", f"{left} ballots have no seat")
    return [Turn(seat, _spoken(chosen.get(seat.number))) for seat in seats]


def _spoken(vote: Vote | None) -> Vote | None:
    return vote if vote is not None and vote.choice else None


def cast(scene: Scene, drawn: Seen, turn: Turn) -> bool:
    """False for a ballot that the portal does not take: it is named, and the seat stays silent."""
    assert turn.vote is not None, "a silent reviewer casts nothing"
    if turn.vote.choice not in CHOICES:
        raise PlayFailed(words("不认识的表决：", "unknown choice: ") + turn.vote.choice)
    reviewer, seat = scene.cast.reviewer(turn.seat.reviewer_id), turn.seat.number
    reviewer.post(f"/cases/{drawn.case_no}/opened", {"numbers": _to_open(drawn)})
    body = {
        "choice": turn.vote.choice,
        "amount_fen": _within(scene, seat, turn.vote.amount_fen, drawn.claimed.refund_fen),
        "compensation_fen": _within(
            scene, seat, turn.vote.compensation_fen, drawn.claimed.compensation_fen
        ),
        "remedy": turn.vote.remedy,
        "reasons": _reasons(turn.vote.reasons),
        "text": _said(scene, drawn, turn.vote) or words("（未写理由）", "(no words)"),
        "citations": _citations(scene, drawn, turn.vote.exhibits),
    }
    try:
        answer = reviewer.post(f"/cases/{drawn.case_no}/ballot", body)
    except Declined as declined:
        if declined.status != REFUSED:
            raise
        scene.note(reviewer, f"票没有被接受：{declined}", f"the ballot is not taken: {declined}")
        return False
    scene.record(reviewer, answer, f"第 {seat} 席投票", f"votes in seat {seat}")
    return True


def _said(scene: Scene, drawn: Seen, vote: Vote) -> str:
    """The words, naming exhibits as the portal's pages do and not by the folder's numbers."""
    text = vote.text.strip()
    for own, number in numbers_of(scene, drawn).items():
        text = re.sub(
            rf"\b{re.escape(own)}\b", SIDE_LETTERS[number[0]] + number[1:], text, flags=re.A
        )
    return text[:TEXT_LIMIT]


def _to_open(drawn: Seen) -> list[str]:
    """What both sides have brought: nobody may vote without having looked."""
    return [exhibit.number for exhibit in drawn.exhibits if exhibit.number[0] in "BM"]


def _within(scene: Scene, seat: int, amount: int, claimed: int) -> int:
    if amount > claimed:
        scene.note(
            scene.cast.operator,
            f"第 {seat} 席的金额 {amount} 高于请求，按 {claimed} 计",
            f"seat {seat}: amount {amount} is above the claim, cut to {claimed}",
        )
    return max(0, min(amount, claimed))


def _reasons(codes: Iterable[str]) -> list[str]:
    known = [code if code in BALLOT_REASONS else "OTHER" for code in codes]
    return list(dict.fromkeys(known)) or ["OTHER"]


def _citations(scene: Scene, drawn: Seen, cited: Iterable[str]) -> list[str]:
    """The portal's numbers; for an exhibit that is not on file the promise on the replay."""
    numbers = {exhibit.number: exhibit.number for exhibit in drawn.exhibits}
    numbers |= numbers_of(scene, drawn)
    wanted = [numbers.get(one) or _second(scene, one) or citation_of(scene, drawn) for one in cited]
    unique = list(dict.fromkeys(wanted or [citation_of(scene, drawn)]))
    return unique[:CITATION_LIMIT]


def _second(scene: Scene, citation: str) -> str | None:
    """The citation itself when it is a second of the replay."""
    session, at = scene.folder.session, replay_millisecond(citation)
    within = session is not None and at is not None and at <= session.replay.duration_ms
    return citation if within else None


def citation_of(scene: Scene, drawn: Seen) -> str:
    """What can always be cited: the first promise on the replay, else the record of the order."""
    session = scene.folder.session
    spoken = {promise.id: promise.start_ms for promise in session.promises} if session else {}
    for promise in scene.folder.claim.cited_promises:
        if promise in spoken:
            return f"{spoken[promise] / 1000:.3f}"
    orders = [x.number for x in drawn.exhibits if x.kind == "ORDER_RECORD"]
    return (orders or [x.number for x in drawn.exhibits])[0]
