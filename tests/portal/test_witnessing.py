"""Witnesses and time stamps in the portal: they vouch when they are there, and when a required one
is away filing goes on, publication waits, and everybody is told so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from ledger.bundles.verify import verify_bundle
from ledger.checking.finding import Level
from ledger.keys import generate_as
from ledger.note import Cosigner
from ledger.witnessing.policy import Policy, parse_policy
from ledger.witnessing.witness import WatchedLog
from ledger.witnessing.witness_server import WitnessServer
from ledger.witnessing.witness_state import open_witness
from portal.access import Role
from portal.config import Config, ConfigError
from portal.house import House
from portal.installing import publish_now
from portal.logkey import read_or_make_log_key
from portal.upkeep import Upkeep
from tests.builders import house_of
from tests.houses import file_a_claim, open_app
from tests.ledger.authority import Authority, serving
from tests.ledger.witnessing import a_server
from tests.people import enroll, sign_in
from tests.values import CASE_NO

NAME = "association.example/witness"
ASSOCIATION, OPERATOR = "watch@example.com", "op@example.com"
# Nothing listens on this port: it is reserved (RFC 6335).
AWAY = "http://127.0.0.1:1"
CLOCK = 1_800_000_000


def a_policy(url: str) -> Policy:
    keys = generate_as(Cosigner, NAME).verifiers
    lines = [f"witness w{n} {key.vkey} {url}\n" for n, key in enumerate(keys)]
    return parse_policy(("".join(lines) + "group g any w0 w1\nquorum g\n").encode())


@dataclass(frozen=True)
class Town:
    """A portal whose witness can be sent away."""

    app: APIFlask
    leave: Callable[[], None]

    @property
    def house(self) -> House:
        return house_of(self.app)

    def as_(self, email: str) -> FlaskClient:
        return sign_in(self.app, email)


@contextmanager
def a_town(folder: Path, **changes: object) -> Iterator[Town]:
    """The witness runs in this process, on a port of its own."""
    home = folder / "home"
    signer = read_or_make_log_key(Config.for_folder(home).keys_folder / "log.key", Config.origin)
    watched = WatchedLog(signer.name, signer.verifiers)
    with ExitStack() as stack:
        place = folder / "witness"
        place.mkdir()
        arguments = (NAME, place / "key", place / "state", [watched], lambda: CLOCK)
        witness = stack.enter_context(open_witness(*arguments))
        serving = stack.enter_context(ExitStack())
        server: WitnessServer = serving.enter_context(a_server(witness))
        lines = [
            f"witness w{number} {key.vkey} {server.url}\n"
            for number, key in enumerate(witness.cosigner.verifiers)
        ]
        policy = parse_policy(("".join(lines) + "group g any w0 w1\nquorum g\n").encode())
        app = open_app(home, witness_policy=policy, rehearsal=True, **changes)
        enroll(app, ASSOCIATION, Role.ASSOCIATION)
        enroll(app, OPERATOR, Role.OPERATOR)
        yield Town(app, serving.close)


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Town]:
    """One where nothing is published without the witness."""
    with a_town(tmp_path, witness_required=True) as town:
        yield town


def test_the_association_page_shows_who_cosigned_and_when(strict: Town) -> None:
    file_a_claim(strict.house)
    strict.house.log.publish()
    page = strict.as_(ASSOCIATION).get(f"/a/case/{CASE_NO}").text
    assert NAME in page
    assert "2027年1月15日 16:00" in page
    assert f"到第 {strict.house.log.size} 条为止" in page


def test_pack_and_receipt_carry_the_cosignatures(strict: Town, tmp_path: Path) -> None:
    file_a_claim(strict.house)
    pack = tmp_path / "pack.zip"
    pack.write_bytes(strict.as_(ASSOCIATION).get(f"/a/case/{CASE_NO}/bundle").data)
    policy = strict.house.config.witness_policy
    with pack.open("rb") as file:
        found = list(verify_bundle(file, strict.house.log.verifier.vkey, policy=policy))
    assert not any(finding.level is Level.BROKEN for finding in found)
    assert any(NAME in finding.text for finding in found)
    assert NAME in strict.app.test_client().get("/api/v1/receipts/0").text


def test_while_a_required_witness_is_away_filing_goes_on_and_publication_waits(
    strict: Town,
) -> None:
    published = strict.house.log.latest()
    strict.leave()
    case = file_a_claim(strict.house)
    assert case.claim.case_no == CASE_NO
    publish_now(strict.house)
    assert strict.house.log.latest() == published
    receipt = strict.app.test_client().get("/api/v1/receipts/0")
    assert receipt.status_code == 503
    assert "已经记录的内容不受影响" in receipt.json["message"]


def test_a_beat_goes_on_without_a_required_witness(
    strict: Town, caplog: pytest.LogCaptureFixture
) -> None:
    strict.leave()
    file_a_claim(strict.house)
    upkeep = Upkeep(strict.house)
    upkeep._beat()
    upkeep._beat()
    assert [r.levelname for r in caplog.records if "witness" in r.getMessage()] == ["WARNING"]


def test_a_proof_says_what_is_not_published_yet(strict: Town) -> None:
    file_a_claim(strict.house)
    strict.house.log.publish()
    strict.leave()
    other = "MA-2026-000002"
    file_a_claim(strict.house, "claim/2", case_no=other)
    proof = strict.as_(ASSOCIATION).get(f"/a/case/{other}/proof.json").get_json()
    size = int(proof["checkpoint"].split("\n")[1])
    assert (proof["pending"], proof["map"]) == (True, None)
    assert all(entry["index"] >= size and entry["proof"] == [] for entry in proof["entries"])


@pytest.mark.parametrize(
    "path",
    ["/verify", f"/a/case/{CASE_NO}", f"/a/case/{CASE_NO}/bundle", "/a/none/MA-2026-000009"],
)
def test_no_page_breaks_before_anything_was_ever_published(strict: Town, path: str) -> None:
    strict.leave()
    file_a_claim(strict.house)
    answer = strict.as_(ASSOCIATION).get(path)
    assert answer.status_code in (200, 503)
    assert "还没有公布检查点" in answer.text or "稍后公布" in answer.text


def test_the_operator_sees_which_witness_is_away_and_others_only_that_one_is(
    strict: Town,
) -> None:
    strict.leave()
    file_a_claim(strict.house)
    publish_now(strict.house)
    page = strict.as_(OPERATOR).get("/ops").text
    assert NAME in page
    assert "did not answer" in page
    assert "等见证人签署" in page
    told = strict.app.test_client().get("/health").get_json()
    assert told["ok"] is True
    assert told["witnesses"] == [{"name": NAME, "size": None, "at": None, "ok": False}]


def test_without_being_required_a_witness_that_is_away_holds_up_nothing(tmp_path: Path) -> None:
    with a_town(tmp_path) as town:
        town.leave()
        file_a_claim(town.house)
        assert town.house.log.publish().size == town.house.log.size
        page = town.as_(ASSOCIATION).get(f"/a/case/{CASE_NO}").text
        assert "这个检查点还没有它的签名" in page


def test_a_time_stamp_is_shown_and_a_broken_authority_is_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tsa")
    with serving(authority) as url:
        app = open_app(tmp_path / "home", tsa_url=url, tsa_roots=(authority.root,))
        house = house_of(app)
        file_a_claim(house)
        enroll(app, OPERATOR, Role.OPERATOR)
        size = house.log.publish().size
        assert house.log.timestamp(size)
        assert "可信时间戳" in app.test_client().get("/verify").text
    file_a_claim(house, "claim/2", case_no="MA-2026-000002")
    house.log.publish()
    page = sign_in(app, OPERATOR).get("/ops").text
    assert "没有盖" in page
    assert app.test_client().get("/health").get_json()["timestamps"] is False


def refusal(**settings: str) -> str:
    with pytest.raises(ConfigError) as caught:
        Config.from_environ(settings)
    return str(caught.value)


def test_files_that_cannot_be_used_stop_the_start_with_a_sentence(tmp_path: Path) -> None:
    policy, roots = tmp_path / "policy", tmp_path / "roots"
    roots.write_text("not a certificate")
    assert "cannot be read" in refusal(MINGAN_WITNESS_POLICY=str(policy))
    policy.write_text("quorum nobody\n")
    assert "policy, line 1" in refusal(MINGAN_WITNESS_POLICY=str(policy))
    policy.write_text("quorum none\n")
    assert "names no witness with an address" in refusal(MINGAN_WITNESS_POLICY=str(policy))
    wrong = refusal(MINGAN_TSA_URL="ftp://tsa:hunter2@x", MINGAN_TSA_ROOTS=str(roots))
    assert "MINGAN_TSA_ROOTS: not a PEM file" in wrong
    assert "hunter2" not in wrong


def test_a_quorum_that_nobody_can_meet_stops_the_start(tmp_path: Path) -> None:
    text = re.sub(r"^(group \S+) any", r"\1 all", a_policy(AWAY).text.decode(), flags=re.M)
    path = tmp_path / "policy"
    path.write_text(text.replace(f" {AWAY}\ngroup", "\ngroup"))
    assert "cannot be met" in refusal(MINGAN_WITNESS_POLICY=str(path))


def test_a_setting_that_would_do_nothing_alone_is_refused(tmp_path: Path) -> None:
    Authority(tmp_path / "tsa")
    assert "needs MINGAN_WITNESS_POLICY" in refusal(MINGAN_WITNESS_REQUIRED="1")
    roots = str(tmp_path / "tsa" / "root.pem")
    assert "needs MINGAN_TSA_URL" in refusal(MINGAN_TSA_ROOTS=roots)
