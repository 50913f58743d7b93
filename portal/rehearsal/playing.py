"""`mingan play`: a whole case from the platform's records to the verified bundle, over HTTP."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from portal.installing import TOKEN_FILE
from portal.rehearsal.answering import answer_claim, answer_of, decide_offer
from portal.rehearsal.checking import check_bundle, check_receipts, differences, fetch_bundle
from portal.rehearsal.closing import finish
from portal.rehearsal.filing import file_claim, hand_over
from portal.rehearsal.folder import CaseFolder, read_folder
from portal.rehearsal.people import cast_of, operator_of
from portal.rehearsal.renewal import Renewal
from portal.rehearsal.scene import Scene, Seen
from portal.rehearsal.server import own_server
from portal.rehearsal.summary import write_summary
from portal.rehearsal.turns import own_turn
from portal.rehearsal.voting import prepare_panel, vote
from portal.speech import say

LOOK_SECONDS = 0.2
ANSWER_SECONDS = 120.0  # an upload is decoded before it is answered
BUNDLE = "bundle.zip"


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for. Without `url` a portal is started for this play alone."""

    folder: Path
    url: str | None
    out: Path | None
    token_file: Path
    patience: float
    fresh: bool


@dataclass(frozen=True)
class Door:
    """Where the portal is, and the operator's token to it."""

    url: str
    token_file: Path


def play_folder(wanted: Wanted) -> bool:
    """Play and check; False when the case ends otherwise than its expected.json says.

    Raises PlayFailed with a sentence for everything else that goes wrong.
    """
    folder = read_folder(wanted.folder, Renewal(secrets.token_hex(4) if wanted.fresh else ""))
    with _door(wanted) as door, httpx.Client(base_url=door.url, timeout=ANSWER_SECONDS) as client:
        cast = cast_of(operator_of(client, door.token_file), folder.order)
        scene = Scene(folder, cast, wanted.patience, rest=_rest, show=_show)
        seen = play(scene)
        _check(scene, seen, wanted.out)
    return _compare(scene, seen)


def play(scene: Scene) -> Seen:
    """The whole case; returns it closed."""
    hand_over(scene)
    case_no = file_claim(scene)
    if _may_need_panel(scene.folder):
        prepare_panel(scene, case_no)
    answer_claim(scene, case_no)
    if scene.look(case_no).state == "NEGOTIATION":
        decide_offer(scene, case_no)
    if scene.look(case_no).state in ("PANEL_DRAW", "SEATING", "DELIBERATION"):
        vote(scene, case_no)
    return finish(scene, case_no)


def _may_need_panel(folder: CaseFolder) -> bool:
    answer = answer_of(folder.response) if folder.response.answer else ""
    return answer == "DENY" or (answer == "OFFER" and not folder.accepts)


def _check(scene: Scene, seen: Seen, out: Path | None) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        target = out or Path(scratch)
        target.mkdir(parents=True, exist_ok=True)
        fetch_bundle(scene, seen.case_no, target / BUNDLE)
        check_bundle(scene, seen, target / BUNDLE)
        check_receipts(scene)
        if out:
            write_summary(scene, seen, out)


def _compare(scene: Scene, seen: Seen) -> bool:
    found = differences(scene, seen)
    for line in found:
        say(f"与预期不同：{line}", f"not as expected: {line}")
    if not found and scene.folder.expected:
        say("与 expected.json 一致", "as expected.json says")
    say(f"结束：{seen.case_no}", f"done: {seen.case_no}")
    return not found


@contextmanager
def _door(wanted: Wanted) -> Iterator[Door]:
    if wanted.url:
        with own_turn(wanted.token_file):
            yield Door(wanted.url.rstrip("/"), wanted.token_file)
        return
    with own_server() as server:
        yield Door(server.url, server.home / TOKEN_FILE)


def _rest() -> None:
    time.sleep(LOOK_SECONDS)


def _show(line: str) -> None:
    print(line, flush=True)
