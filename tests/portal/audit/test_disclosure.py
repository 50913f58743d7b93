"""Who gets which field: the person stays hidden from the office, the talks from the panel."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_security import hash_password

from portal.accounts.provision import find_account
from portal.audit.disclosure import Rules, rules_for
from portal.audit.proof import open_texts
from portal.database import db
from portal.history import History, Recorded, load
from portal.streams import case_stream
from tests.houses import case_of
from tests.people import PASSWORD
from tests.played import OFFER_TEXT, WAYBILL
from tests.portal.audit.conftest import ASSOCIATION, BUYER, MERCHANT, Town

PHONE = "13912345678"  # the merchant wrote it into the offer


def secrets_of(town: Town) -> list[str]:
    """What leads to the buyer or to the payment."""
    case = case_of(town.house, town.case_no)
    claim, payment = case.claim, case.claim.payment
    assert case.refund is not None
    return [
        claim.buyer_ref,
        claim.order_id,
        payment.payment_id,
        payment.provider_txn,
        case.refund.provider_ref,
        WAYBILL,
        PHONE,
    ]


def leaked(town: Town, text: str) -> list[str]:
    return [secret for secret in secrets_of(town) if secret in text]


def unpacked(content: bytes) -> str:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


def fields(town: Town, side: str) -> dict[str, set[str]]:
    """The names of the fields that a side may have, by entry type."""
    history, rules = history_of(town), rules_for(side, history_of(town))
    found: dict[str, set[str]] = {}
    for entry in history.entries:
        code = entry.code
        names = {json.loads(text)[1] for text in open_texts(entry, rules)}
        found[code] = found.get(code, names) & names
    return found


def history_of(town: Town) -> History:
    with town.house.sessions() as session:
        return load(session, case_stream(town.case_no))


@pytest.mark.parametrize(
    "address",
    [
        "/a",
        "/a?q={no}",
        "/a/case/{no}",
        "/a/case/{no}/proof.json",
        "/verify?case_no={no}",
    ],
)
def test_no_page_of_the_association_leads_to_the_buyer(decided: Town, address: str) -> None:
    page = decided.sign_in(ASSOCIATION).get(address.format(no=decided.case_no))
    assert page.status_code == 200
    assert leaked(decided, page.text) == []


def test_no_pack_of_the_association_leads_to_the_buyer(decided: Town) -> None:
    pack = decided.sign_in(ASSOCIATION).get(f"/a/case/{decided.case_no}/bundle")
    assert leaked(decided, unpacked(pack.data)) == []


def test_a_party_gets_the_whole_case(decided: Town) -> None:
    pack = decided.sign_in(BUYER).get(f"/a/case/{decided.case_no}/bundle")
    text = unpacked(pack.data)
    assert leaked(decided, text) == secrets_of(decided)
    assert OFFER_TEXT in text


def test_the_association_reads_the_story_covered(decided: Town) -> None:
    page = decided.sign_in(ASSOCIATION).get(f"/a/case/{decided.case_no}").text
    assert "吊牌写面料成分聚酯纤维95%" in page
    assert "愿意退一部分，电话 ▇▇▇" in page
    assert "已遮盖处理，不参与逐字核验" in page
    assert "已隐去，只留指纹" in page


def test_everything_shown_as_recorded_can_be_compared(decided: Town) -> None:
    client = decided.sign_in(ASSOCIATION)
    page = client.get(f"/a/case/{decided.case_no}").text
    proof = client.get(f"/a/case/{decided.case_no}/proof.json").get_json()
    for entry in proof["entries"]:
        for text in entry["disclosures"]:
            _salt, name, value = json.loads(text)
            if value not in (None, "", [], {}):
                assert f'data-index="{entry["index"]}" data-field="{name}"' in page


def proofs(entry: Recorded, rules: Rules) -> set[str]:
    """What is open, but for who acted: the last voter may be called "r_expert_1"."""
    return {text for text in open_texts(entry, rules) if json.loads(text)[1] != "by"}


@pytest.mark.parametrize("side", ["OFFICE", "REVIEWER"])
def test_a_number_that_somebody_chose_withholds_no_proof(decided: Town, side: str) -> None:
    history = history_of(decided)
    rules = rules_for(side, history)
    chosen = {"1", "a", "p1", "UPHELD", "STANDARD", decided.case_no}
    meddled = replace(rules, secrets=rules.secrets | chosen)
    for entry in history.entries:
        if entry.code in ("PANEL_CALLED", "PANEL_DRAWN", "VOTING_CLOSED", "TALLY_CLOSED"):
            assert proofs(entry, meddled) == proofs(entry, rules)
        if entry.code in ("RULING_ISSUED", "REFUND_STATE", "EXECUTION_ORDERED"):
            shown = {json.loads(text)[1] for text in open_texts(entry, meddled)}
            assert shown & {"outcome", "refund_no"}


def test_reviewers_learn_nothing_of_the_talks(decided: Town) -> None:
    shown = fields(decided, "REVIEWER")
    assert shown["OFFER_SEALED"] == set()
    assert shown["OFFER_DECLINED"] == set()
    assert shown["RESPONSE_FILED"] == set()  # this answer came with the offer
    assert "text" in shown["CASE_FILED"]
    assert shown["CASE_FILED"].isdisjoint({"by", "buyer_ref", "order_id", "payment"})


def test_the_platform_learns_nothing_of_the_talks(decided: Town) -> None:
    shown = fields(decided, "PLATFORM")
    assert shown["OFFER_SEALED"] == set()
    assert "order_id" in shown["CASE_FILED"]


@pytest.mark.parametrize("side", ["BUYER", "MERCHANT", "REVIEWER", "PLATFORM", "OFFICE"])
def test_of_a_sealed_ballot_nobody_gets_more_than_its_seat_and_slip(
    voting: Town, side: str
) -> None:
    assert fields(voting, side)["BALLOT_COMMITTED"] == {"seat", "slip", "sealed_by"}


def test_a_reviewer_does_not_learn_who_else_judges_before_the_opening(
    voting: Town, decided: Town
) -> None:
    assert "seats" not in fields(voting, "REVIEWER")["PANEL_DRAWN"]
    assert "candidates" not in fields(voting, "REVIEWER")["PANEL_CALLED"]
    assert "seats" in fields(decided, "REVIEWER")["PANEL_DRAWN"]


def test_a_ballot_that_names_a_person_is_withheld_from_the_office(decided: Town) -> None:
    entry = next(e for e in history_of(decided).entries if "BALLOT_REVEALED" in e.raw)
    rules: Rules = rules_for("OFFICE", history_of(decided))
    texts = [text.replace("直播里", f"{PHONE} 直播里") for text in entry.disclosures]
    changed = type(entry)(entry.index, entry.at, entry.by, entry.event, entry.raw, tuple(texts))
    ballot = next(f for f in rules.fields("BALLOT_REVEALED", changed) if f.name == "ballot")
    assert ballot.disclosure == ""
    assert PHONE not in ballot.json


def test_a_party_fetches_the_proof_of_the_own_case_only(decided: Town) -> None:
    client = decided.sign_in(MERCHANT)
    assert client.get(f"/a/case/{decided.case_no}/proof.json").status_code == 200
    assert client.get("/a/case/MA-2026-999999/proof.json").status_code == 404


def test_a_reviewer_who_judges_it_may_check_a_case_but_not_take_it_along(decided: Town) -> None:
    client, path = seated_client(decided), f"/a/case/{decided.case_no}"
    proof: Any = client.get(f"{path}/proof.json")
    assert proof.status_code == 200
    assert leaked(decided, proof.text) == []
    assert client.get(f"{path}/bundle").status_code == 403
    assert client.get(path).status_code == 403


def seated_client(town: Town) -> FlaskClient:
    """Somebody of the panel, with a password for the day."""
    drawn = case_of(town.house, town.case_no).drawn
    assert drawn is not None
    email = f"{drawn.seats[0].reviewer_id}@example.com"
    with town.app.app_context():
        account = find_account(db.session, email)
        assert account is not None
        account.password = hash_password(PASSWORD)
        db.session.commit()
    return town.sign_in(email)
