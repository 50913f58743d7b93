"""The verifier in the reader's browser, against records of the real ledger, whole and tampered."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import Page

from ledger import EMPTY, DataKey, Draft, Entry, Log, Signer, open_entry
from ledger.keys import generate, generate_as
from ledger.mapproof import format_map_proof
from ledger.note import Cosigner
from ledger.stores.folder import FolderStore
from portal.access import public
from tests.browser import OpenPage, Serve

pytestmark = pytest.mark.browser

Proof = dict[str, Any]
STREAM = "case/LZ-1"
AMOUNT_FEN = 32900
NOW = int(datetime(2026, 11, 20, 4, tzinfo=UTC).timestamp())
WITNESS = generate_as(Cosigner, "association.example/witness")

PAGE = """
{% extends "base.html" %}{% from "components/verifier.html" import verifier %}
{% block content %}<h1>x</h1>
<span data-index="{{ index }}" data-field="amount_fen" data-value="{{ shown }}">{{ shown }}</span>
{{ verifier("/proof.json", vkey, "记录", witnesses=witnesses) }}{% endblock %}
{% block scripts %}<script type="module" src="{{ asset('js/verify.js') }}"></script>{% endblock %}
"""


def cosign(checkpoint: str) -> str:
    """The checkpoint with both lines of a witness below those of the log."""
    body = checkpoint.partition("\n\n")[0] + "\n"
    return checkpoint + str(WITNESS.sign(body, NOW)).partition("\n\n")[2]


@pytest.fixture
def signer() -> Signer:
    return generate("mingan.example/log")


@pytest.fixture
def proof(tmp_path: Path, signer: Signer) -> Proof:
    """Five records of one case among those of others, as the portal hands them out."""
    log = Log.open(FolderStore(tmp_path / "log"), signer)
    key = DataKey("k", secrets.token_bytes(32))
    head, entries = EMPTY, []
    for number in range(5):
        fields = {"amount_fen": AMOUNT_FEN, "text": f"百分百桑蚕丝 {number}"}
        draft = Draft("claim.filed", "2026-11-20T00:00:00.000Z", fields)
        entries += log.append_sealed(STREAM, head, [draft], key=f"mine {number}", data_key=key)
        head = entries[-1].head
        other = f"case/other-{number}"
        log.append_sealed(other, EMPTY, [draft] * (number + 1), key=other, data_key=key)
    complete, checkpoint = log.prove_stream(STREAM), log.publish()

    def proven(entry: Entry, **more: object) -> Proof:
        path = log.inclusion(entry.index, checkpoint.size)
        hashes = [base64.b64encode(node).decode() for node in path]
        return {"index": entry.index, "raw": entry.raw.decode(), "proof": hashes, **more}

    shown = [[field.text for field in open_entry(entry, key)] for entry in entries]
    answer = {
        "vkey": signer.vkey,
        "witnesses": [],
        "checkpoint": cosign(checkpoint.text),
        "stream": STREAM,
        "entries": [proven(e, disclosures=d) for e, d in zip(entries, shown, strict=True)],
        "map": proven(complete.map_entry, stream=format_map_proof(complete.proof)),
        "pending": False,
    }
    log.close()
    return answer


@pytest.fixture
def verify(app: Flask, serve: Serve, open_page: OpenPage, signer: Signer) -> Callable[..., Page]:
    """verify(proof, …) -> the page after its button was pressed."""

    def run(proof: Proof, shown: object = AMOUNT_FEN, saved: str = "") -> Page:
        index = proof["entries"][0]["index"]

        def page() -> str:
            return render_template_string(
                PAGE, index=index, shown=shown, vkey=signer.vkey, witnesses=[WITNESS.vkey]
            )

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
    assert page.locator("[data-steps] > .done").count() == 8
    steps = page.inner_text("[data-steps]")
    assert "此案共 5 条记录，一条不少，截至第 20 条" in steps
    assert "association.example/witness 2026/11/20 12:00:00（北京时间）" in steps
    assert "另有 2 行签名此浏览器不能核对" in steps


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
    proof["checkpoint"] = str(other.sign(body, NOW))
    proof["vkey"] = other.vkey


def leave_the_last_out(proof: Proof) -> None:
    del proof["entries"][-1]


def forge_a_cosignature(proof: Proof) -> None:
    start, mark, end = proof["checkpoint"].partition(f"— {WITNESS.name} ")
    proof["checkpoint"] = f"{start}{mark}{end[:30]}{'B' if end[30] == 'A' else 'A'}{end[31:]}"


def change_a_field(proof: Proof) -> None:
    fields = proof["entries"][1]["disclosures"]
    fields[:] = [text.replace("32900", "99900") for text in fields]


@pytest.mark.parametrize(
    ("tamper", "step", "place"),
    [
        (change_text, "逐条链接", 3),
        (leave_one_out, "逐条链接", 2),
        (change_the_last, "包含证明", 4),
        (leave_the_last_out, "一条不少", None),
        (forge_a_cosignature, "见证人签名", None),
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
    saved = str(signer.sign(f"{origin}\n{size}\n{other_root}\n", NOW))
    assert "你保存的检查点" in verify(proof, saved=saved).inner_text("[data-seal]")


def test_a_text_that_is_no_checkpoint_raises_no_alarm(
    verify: Callable[..., Page], proof: Proof
) -> None:
    page = verify(proof, saved=proof["checkpoint"][:60])
    assert "全部一致" in page.inner_text("[data-seal]")
    assert "没有对照" in page.inner_text("[data-steps]")
