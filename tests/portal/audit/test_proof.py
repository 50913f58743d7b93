"""Proofs and packs hold, and one changed byte breaks them."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ledger import VerificationError, disclosures_match, leaf_digest
from ledger.bundles.verify import verify_bundle
from ledger.checking.finding import Level
from ledger.checkpoint import read_checkpoint
from ledger.entry import parse_entry
from ledger.merkle import verify_inclusion
from ledger.note import parse_vkey
from reviewers.bundle import read_bundle
from reviewers.recheck import recompute, recount
from tests.browser import DESK_WIDTH, OpenPage, Serve, turn_page
from tests.people import PASSWORD
from tests.portal.audit.conftest import ASSOCIATION, BUYER, MERCHANT, Town

Proof = dict[str, Any]


def proof_for(town: Town, email: str) -> Proof:
    proof: Proof = town.sign_in(email).get(f"/a/case/{town.case_no}/proof.json").get_json()
    return proof


def check(proof: Proof) -> None:
    """What the browser does, in Python. Raises VerificationError."""
    checkpoint = read_checkpoint(proof["checkpoint"], [parse_vkey(proof["vkey"])])
    for entry in proof["entries"]:
        raw, path = entry["raw"].encode(), [base64.b64decode(each) for each in entry["proof"]]
        size, root = checkpoint.size, checkpoint.root
        verify_inclusion(entry["index"], size, leaf_digest(raw), path, root)
        if not disclosures_match(raw, entry["disclosures"]):
            raise VerificationError(f"entry {entry['index']} shows what it does not hold")


@contextmanager
def changed(town: Town, column: str, old: str, new: str) -> Iterator[None]:
    """One byte of the first record of the case is another, as long as the block lasts."""
    statement = f"UPDATE entry SET {column} = replace({column}, ?, ?) WHERE stream = ? AND seq = 0"
    stream = f"case/{town.case_no}"

    def change(one: str, other: str) -> None:
        with town.house.sessions.begin() as session:
            session.connection().exec_driver_sql(statement, (one, other, stream))

    change(old, new)
    yield
    change(new, old)


@pytest.mark.parametrize("email", [ASSOCIATION, BUYER, MERCHANT])
def test_every_record_of_the_case_is_proven(decided: Town, email: str) -> None:
    proof = proof_for(decided, email)
    check(proof)
    assert [parse_entry(e["index"], e["raw"].encode()).seq for e in proof["entries"]] == list(
        range(len(proof["entries"]))
    )


def test_a_changed_record_fails_the_check(decided: Town) -> None:
    with changed(decided, "raw", '"CASE_FILED"', '"CASE_FILEX"'):
        proof = proof_for(decided, BUYER)
    with pytest.raises(VerificationError):
        check(proof)


def test_a_changed_field_fails_the_check(decided: Town) -> None:
    with changed(decided, "disclosures", "32900", "32901"):
        proof = proof_for(decided, BUYER)
    with pytest.raises(VerificationError):
        check(proof)


def pack_of(town: Town, email: str) -> bytes:
    answer = town.sign_in(email).get(f"/a/case/{town.case_no}/bundle")
    assert answer.mimetype == "application/zip"
    return answer.data


@pytest.mark.parametrize("email", [ASSOCIATION, BUYER, MERCHANT])
def test_the_pack_holds_offline(decided: Town, email: str) -> None:
    vkey = decided.house.log.verifier.vkey
    findings = list(verify_bundle(BytesIO(pack_of(decided, email)), vkey))
    assert [f for f in findings if f.level is Level.BROKEN] == []
    assert any("shown fields belong to their entries" in f.text for f in findings)


@pytest.mark.parametrize("email", [ASSOCIATION, BUYER])
def test_draw_and_count_can_be_repeated_from_the_pack(
    decided: Town, tmp_path: Path, email: str
) -> None:
    pack = tmp_path / "case.zip"
    pack.write_bytes(pack_of(decided, email))
    bundle = read_bundle(pack)
    lines = [*recompute(bundle), *recount(bundle)]
    assert len(lines) > 10
    assert [line.text for line in lines if not line.holds] == []


def test_a_pack_with_one_changed_byte_does_not_hold(decided: Town) -> None:
    target = BytesIO()
    whole = zipfile.ZipFile(BytesIO(pack_of(decided, BUYER)))
    with whole, zipfile.ZipFile(target, "w") as broken:
        for name in whole.namelist():
            content = whole.read(name)
            if name.startswith("entries/"):
                content = content.replace(b'"CASE_CLOSED"', b'"CASE_CLOSEX"')
            broken.writestr(name, content)
    findings = list(verify_bundle(target, decided.house.log.verifier.vkey))
    assert findings[-1].level is Level.BROKEN


def test_the_pack_lists_the_evidence_by_digest(decided: Town) -> None:
    with zipfile.ZipFile(BytesIO(pack_of(decided, ASSOCIATION))) as pack:
        evidence = json.loads(pack.read("extras/evidence.json"))
        shown = "\n".join(pack.read(n).decode() for n in pack.namelist() if "disclosures" in n)
    assert [line["number"] for line in evidence][:2] == ["P1", "P2"]
    assert all(line["sha256"] in shown for line in evidence)


def test_anybody_gets_the_key_the_checkpoint_and_a_receipt(decided: Town) -> None:
    client = decided.app.test_client()
    vkey = client.get("/api/v1/log/vkey").text.strip()
    checkpoint = read_checkpoint(client.get("/api/v1/log/checkpoint").text, [parse_vkey(vkey)])
    assert checkpoint.size == decided.house.log.size
    assert client.get("/api/v1/receipts/1").text.startswith("c2sp.org/tlog-proof@v1\nindex 1\n")
    assert client.get(f"/api/v1/receipts/{checkpoint.size}").status_code == 404


@pytest.fixture
def case_page(decided: Town, serve: Serve, open_page: OpenPage) -> Page:
    """The association reads the case, in Chinese."""
    address = f"{serve(decided.app)}/login?next=/a/case/{decided.case_no}"
    page = open_page(address, width=DESK_WIDTH, locale="zh-CN")
    page.fill("[name=email]", ASSOCIATION)
    page.fill("[name=password]", PASSWORD)
    turn_page(page.locator("form [type=submit]"))
    return page


@pytest.mark.browser
def test_the_browser_finds_a_changed_record(decided: Town, case_page: Page) -> None:
    case_page.click("[data-verify]")
    expect(case_page.locator("[data-seal]")).to_contain_text("全部一致")
    with changed(decided, "raw", '"CASE_FILED"', '"CASE_FILEX"'):
        case_page.click("[data-verify]")
        expect(case_page.locator("[data-seal]")).to_contain_text("和存证不一致")


@pytest.mark.browser
def test_the_browser_finds_a_page_that_shows_something_else(case_page: Page) -> None:
    case_page.locator("[data-field=refund_fen]").evaluate("place => place.dataset.value = '1'")
    case_page.click("[data-verify]")
    expect(case_page.locator("[data-seal]")).to_contain_text("和存证不一致")
    expect(case_page.locator(".is-wrong")).to_have_count(1)


def test_the_register_shows_that_nobody_was_left_out_of_the_draw(
    decided: Town, tmp_path: Path
) -> None:
    case, pool = tmp_path / "case.zip", tmp_path / "pool.zip"
    case.write_bytes(pack_of(decided, ASSOCIATION))
    pool.write_bytes(decided.sign_in(ASSOCIATION).get("/a/pool/bundle").data)
    lines = recompute(read_bundle(case), read_bundle(pool).events)
    assert any("neither candidate nor excluded: []" in line.text for line in lines)
    assert [line.text for line in lines if not line.holds] == []


def test_the_register_names_nobody_who_changed_it(decided: Town) -> None:
    client = decided.sign_in(ASSOCIATION)
    with zipfile.ZipFile(BytesIO(client.get("/a/pool/bundle").data)) as pool:
        shown = [n for n in pool.namelist() if n.startswith("disclosures/")]
        assert shown
        assert not any(b'"by"' in pool.read(name) for name in shown)
    assert decided.sign_in(BUYER).get("/a/pool/bundle").status_code == 403
