"""The verifier in the reader's browser, against records of the real ledger, whole and tampered."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import Page

from ledger import Log
from ledger.entry import Draft, Head
from ledger.folder import FolderStore
from ledger.keys import generate
from ledger.note import Signer
from ledger.seal import DataKey, open_entry
from portal.access import public
from tests.browser import OpenPage, Serve

pytestmark = pytest.mark.browser

Proof = dict[str, Any]
STREAM = "case/LZ-1"
AMOUNT_FEN = 32900

PAGE = """
{% extends "base.html" %}{% from "components/verifier.html" import verifier %}
{% block content %}<h1>x</h1>
<span data-index="{{ index }}" data-field="amount_fen" data-value="{{ shown }}">{{ shown }}</span>
{{ verifier("/proof.json", vkey, "记录") }}{% endblock %}
{% block scripts %}<script type="module" src="{{ asset('js/verify.js') }}"></script>{% endblock %}
"""


@pytest.fixture
def signer() -> Signer:
    return generate("mingan.example/log")


@pytest.fixture
def proof(tmp_path: Path, signer: Signer) -> Proof:
    """Five records of one case among those of others, as the portal hands them out."""
    log = Log.open(FolderStore(tmp_path / "log"), signer)
    key = DataKey("k", secrets.token_bytes(32))
    head, entries = Head(0, b""), []
    for number in range(5):
        fields = {"amount_fen": AMOUNT_FEN, "text": f"百分百桑蚕丝 {number}"}
        draft = Draft("claim.filed", "2026-11-20T00:00:00.000Z", fields)
        entries += log.append(STREAM, head, [draft], key=f"mine {number}", data_key=key)
        head = entries[-1].head
        other = f"case/other-{number}"
        log.append(other, Head(0, b""), [draft] * (number + 1), key=other, data_key=key)
    checkpoint = log.publish()
    return {
        "vkey": signer.vkey,
        "checkpoint": checkpoint.text,
        "stream": STREAM,
        "entries": [
            {
                "index": entry.index,
                "raw": entry.raw.decode(),
                "proof": [
                    base64.b64encode(node).decode()
                    for node in log.inclusion(entry.index, checkpoint.size)
                ],
                "disclosures": [field.text for field in open_entry(entry, key)],
            }
            for entry in entries
        ],
    }


@pytest.fixture
def verify(app: Flask, serve: Serve, open_page: OpenPage, signer: Signer) -> Callable[..., Page]:
    """verify(proof, …) -> the page after its button was pressed."""

    def run(proof: Proof, shown: object = AMOUNT_FEN, saved: str = "") -> Page:
        index = proof["entries"][0]["index"]

        def page() -> str:
            return render_template_string(PAGE, index=index, shown=shown, vkey=signer.vkey)

        app.add_url_rule("/page", "page", public(page))
        app.add_url_rule("/proof.json", "proof", public(lambda: proof))
        opened = open_page(f"{serve(app)}/page", locale="zh-CN")
        opened.eval_on_selector("[data-saved]", "(field, text) => { field.value = text }", saved)
        opened.click("[data-verify]")
        opened.wait_for_selector("[data-seal].ok, [data-seal].bad")
        return opened

    return run


def test_untouched_records_are_confirmed(verify: Callable[..., Page], proof: Proof) -> None:
    page = verify(proof, saved=proof["checkpoint"])
    assert "5 条记录，全部一致" in page.inner_text("[data-seal]")
    assert page.locator("[data-steps] > .done").count() == 6


def change_text(proof: Proof) -> None:
    entry = proof["entries"][2]
    entry["raw"] = entry["raw"].replace("claim.filed", "claim.fixed")


def leave_one_out(proof: Proof) -> None:
    del proof["entries"][2]


def change_the_last(proof: Proof) -> None:
    entry = proof["entries"][-1]
    entry["raw"] = entry["raw"].replace("claim.filed", "claim.fixed")


def forge_the_checkpoint(proof: Proof) -> None:
    proof["checkpoint"] = proof["checkpoint"].replace("\n\n", "\nanother line\n\n", 1)


def sign_with_another_key(proof: Proof) -> None:
    body = proof["checkpoint"].partition("\n\n")[0] + "\n"
    other = generate("mingan.example/log")
    proof["checkpoint"] = other.sign(body)
    proof["vkey"] = other.vkey


def change_a_field(proof: Proof) -> None:
    fields = proof["entries"][1]["disclosures"]
    fields[:] = [text.replace("32900", "99900") for text in fields]


@pytest.mark.parametrize(
    ("tamper", "step", "place"),
    [
        (change_text, "逐条链接", 3),
        (leave_one_out, "逐条链接", 2),
        (change_the_last, "包含证明", 4),
        (forge_the_checkpoint, "检查点签名", None),
        (sign_with_another_key, "检查点签名", None),
        (change_a_field, "页面内容", 1),
    ],
)
def test_a_change_is_named_with_its_step_and_record(
    verify: Callable[..., Page],
    proof: Proof,
    tamper: Callable[[Proof], None],
    step: str,
    place: int | None,
) -> None:
    tamper(proof)
    seal = verify(proof).inner_text("[data-seal]")
    assert "核验\n不符" in seal
    assert f"和存证不一致：{step}" in seal
    assert place is None or f"第 {proof['entries'][place]['index']} 条记录" in seal


def test_a_page_that_shows_another_amount_is_caught(
    verify: Callable[..., Page], proof: Proof
) -> None:
    page = verify(proof, shown=AMOUNT_FEN + 1)
    assert "和存证不一致：页面内容" in page.inner_text("[data-seal]")
    assert page.locator(".is-wrong").count() == 1


def test_another_history_of_the_same_length_is_caught_by_a_saved_checkpoint(
    verify: Callable[..., Page], proof: Proof, signer: Signer
) -> None:
    origin, size, _ = proof["checkpoint"].split("\n")[:3]
    other_root = base64.b64encode(bytes(32)).decode()
    saved = signer.sign(f"{origin}\n{size}\n{other_root}\n")
    assert "你保存的检查点" in verify(proof, saved=saved).inner_text("[data-seal]")


def test_a_text_that_is_no_checkpoint_raises_no_alarm(
    verify: Callable[..., Page], proof: Proof
) -> None:
    page = verify(proof, saved=proof["checkpoint"][:60])
    assert "全部一致" in page.inner_text("[data-seal]")
    assert "没有对照" in page.inner_text("[data-steps]")
