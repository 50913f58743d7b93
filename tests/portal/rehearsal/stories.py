"""Case folders made from the samples, changed here and there, and played inside one process."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apiflask import APIFlask

from portal.config import Config
from portal.house import House
from portal.installing import Installed, install
from portal.rehearsal.checking import check_bundle, check_receipts, differences, fetch_bundle
from portal.rehearsal.folder import read_folder
from portal.rehearsal.indoors import indoor_client, perform_duties
from portal.rehearsal.people import cast_of, operator_of
from portal.rehearsal.playing import play
from portal.rehearsal.renewal import AS_IT_IS, Renewal
from portal.rehearsal.scene import Scene, Seen
from tests.houses import close_in_the_end
from tests.people import FAST_HASHING

SAMPLES = Path(__file__).parents[2] / "samples"
PATIENCE = 20.0


def a_rehearsal(folder: Path) -> Installed:
    """A portal as `mingan init` leaves it, with the rehearsal on."""
    installed = install(Config.for_folder(folder, rehearsal=True, hashing=FAST_HASHING))
    close_in_the_end(installed.app)
    return installed


@dataclass(frozen=True)
class Story:
    """A copy of a sample that a test may change."""

    root: Path

    @classmethod
    def of(cls, sample: str, folder: Path, *, evidence: bool = False) -> Story:
        """Without evidence files, which cost seconds to prove, unless asked for."""
        root = folder / sample
        shutil.copytree(SAMPLES / sample, root)
        if not evidence:
            shutil.rmtree(root / "evidence")
            (root / "exhibits.json").unlink()
        return cls(root)

    def read(self, name: str) -> Any:
        return json.loads((self.root / name).read_text())

    def write(self, name: str, document: Any) -> Story:
        (self.root / name).write_text(json.dumps(document, ensure_ascii=False))
        return self

    def change(self, name: str, **changes: Any) -> Story:
        return self.write(name, self.read(name) | changes)

    def drop(self, *names: str) -> Story:
        for name in names:
            (self.root / name).unlink()
        return self


@dataclass
class Ending:
    """How a play ended, with every line it printed."""

    scene: Scene
    seen: Seen
    lines: list[str] = field(default_factory=list)

    @property
    def differing(self) -> list[str]:
        return differences(self.scene, self.seen)

    @property
    def said(self) -> str:
        return "\n".join(self.lines)


def play_story(installed: Installed, story: Story, renewal: Renewal = AS_IT_IS) -> Ending:
    """Play a folder to its end and check the record, as the command does."""
    app: APIFlask = installed.app
    house: House = installed.house
    folder, lines = read_folder(story.root, renewal), list[str]()
    with indoor_client(app) as client:
        cast = cast_of(operator_of(client, house.config.folder / "operator.token"), folder.order)
        scene = Scene(folder, cast, PATIENCE, rest=perform_duties(house), show=lines.append)
        seen = play(scene)
        target = house.config.folder / "bundle.zip"
        fetch_bundle(scene, seen.case_no, target)
        check_bundle(scene, seen, target)
        check_receipts(scene)
    return Ending(scene, seen, lines)


def a_ballot(choice: str, stratum: str = "BUYER_SIDE", **changes: Any) -> dict[str, Any]:
    """A ballot as ballots.json has it: full amounts, one reason, one citation."""
    return {
        "stratum": stratum,
        "choice": choice,
        "amount_fen": 32900,
        "compensation_fen": 98700,
        "reasons": ["PROMISE_PROVED"],
        "text": "The host said so (E01).",
        "exhibits": ["E01"],
        **changes,
    }


def ballots(*votes: dict[str, Any], **panel: Any) -> dict[str, Any]:
    return {"panel": panel, "ballots": list(votes)}
