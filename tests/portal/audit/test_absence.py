"""A number without a case: the association gets the log's proof, not just an empty list."""

from __future__ import annotations

from io import BytesIO

import pytest

from ledger.bundles.verify import verify_bundle
from ledger.checking.finding import Level
from tests.portal.audit.conftest import ASSOCIATION, BUYER, Town

UNKNOWN = "MA-2026-000999"


def test_a_search_for_an_unknown_number_offers_the_proof(decided: Town) -> None:
    client = decided.sign_in(ASSOCIATION)
    assert f"/a/none/{UNKNOWN}" in client.get(f"/a?q={UNKNOWN}").text
    assert "/a/none/" not in client.get("/a?q=nobody").text
    assert "没有这个案件" in client.get(f"/a/none/{UNKNOWN}").text


def test_a_number_that_has_a_case_is_never_denied(decided: Town) -> None:
    client = decided.sign_in(ASSOCIATION)
    assert client.get(f"/a/none/{decided.case_no}").location == f"/a/case/{decided.case_no}"
    # Another condition left it out; that says nothing about the number.
    assert "/a/none/" not in client.get(f"/a?q={decided.case_no}&state=NEGOTIATION").text


def test_the_proof_of_absence_holds_offline(decided: Town) -> None:
    pack = decided.sign_in(ASSOCIATION).get(f"/a/none/{UNKNOWN}/bundle").data
    found = list(verify_bundle(BytesIO(pack), decided.house.log.verifier.vkey))
    assert not any(finding.level is Level.BROKEN for finding in found)
    assert any("there is none among the first" in finding.text for finding in found)


@pytest.mark.parametrize("text", ["nothing", "ma-2026-000001", "MA-2026-1"])
def test_what_is_no_number_of_a_case_is_not_asked_for(decided: Town, text: str) -> None:
    assert decided.sign_in(ASSOCIATION).get(f"/a/none/{text}").status_code == 404


def test_the_parties_are_not_told_which_numbers_exist(decided: Town) -> None:
    assert decided.sign_in(BUYER).get(f"/a/none/{UNKNOWN}").status_code == 403
