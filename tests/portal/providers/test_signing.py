"""The published vectors of WeChat, Alipay and Stripe, and that a changed byte breaks each."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import load_pem_x509_certificate

from portal.providers import signing
from portal.providers.values import Forged
from tests.portal.providers.peers import Peer, a_key, alipay, wechat

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors/payments/payments_vectors.json").read_text()
)
W1 = VECTORS["W1_wechat_notify_e2e"]
AT = datetime.fromtimestamp(W1["now_unix"], UTC)


def _public(vector: dict[str, Any]) -> RSAPublicKey:
    key = load_der_public_key(base64.b64decode(vector["public_key_b64"]))
    assert isinstance(key, RSAPublicKey)
    return key


def _of_1(**changes: Any) -> Any:
    certificate = load_pem_x509_certificate(W1["platform_cert_pem"].encode())
    keys = {f"{certificate.serial_number:X}": certificate.public_key()}
    account = {"mchid": "1234567890", "apiv3_key": W1["apiv3_key"].encode()}
    return wechat(Peer(), platform_keys=keys, **{**account, **changes})


def test_w1_a_real_notice_is_verified_with_a_certificate_and_opened() -> None:
    notice = _of_1().read_notice(W1["headers"], W1["body"].encode(), AT)
    assert notice.answer.verified
    assert notice.answer.number == ""
    assert notice.answer.code == "PAYSCORE.USER_OPEN_SERVICE"


@pytest.mark.parametrize("seconds", [-300, 300, 86400])
def test_w1_is_refused_five_minutes_off(seconds: int) -> None:
    now = datetime.fromtimestamp(W1["now_unix"] + seconds, UTC)
    with pytest.raises(Forged):
        _of_1().read_notice(W1["headers"], W1["body"].encode(), now)


@pytest.mark.parametrize("name", list(W1["headers"]))
def test_w1_is_refused_without_one_of_its_headers(name: str) -> None:
    headers = {key: value for key, value in W1["headers"].items() if key != name}
    with pytest.raises(Forged):
        _of_1().read_notice(headers, W1["body"].encode(), AT)


def test_w1_is_refused_with_a_changed_body_or_for_another_merchant() -> None:
    with pytest.raises(Forged):
        _of_1().read_notice(W1["headers"], W1["body"].encode() + b" ", AT)
    with pytest.raises(Forged, match="another merchant"):
        _of_1(mchid="1").read_notice(W1["headers"], W1["body"].encode(), AT)
    with pytest.raises(Forged, match="our key"):
        _of_1(apiv3_key=b"x" * 32).read_notice(W1["headers"], W1["body"].encode(), AT)


@pytest.mark.parametrize("name", ["W2_aes_gcm_16", "W3_aes_gcm_32_platform_cert"])
def test_w2_and_w3_are_opened_and_only_with_their_associated_data(name: str) -> None:
    vector = VECTORS[name]
    sealed = (vector["key"].encode(), vector["nonce"], vector["aad"], vector["ciphertext_b64"])
    plain = signing.open_sealed(*sealed).decode()
    assert plain.startswith(vector.get("plaintext") or vector["plaintext_prefix"])
    with pytest.raises(Forged):
        signing.open_sealed(sealed[0], sealed[1], "other", sealed[3])


def test_w3_is_the_certificate_with_the_serial_it_says() -> None:
    vector = VECTORS["W3_aes_gcm_32_platform_cert"]
    key = vector["key"].encode()
    pem = signing.open_sealed(key, vector["nonce"], vector["aad"], vector["ciphertext_b64"])
    assert f"{load_pem_x509_certificate(pem).serial_number:X}" == vector["cert_serial"]


def test_w5_the_strings_to_sign_are_the_published_ones() -> None:
    vector = VECTORS["W5_sign_strings"]
    stamp, nonce, path = "1624523846", "A1B2C3D4E5F6G7", "/v3/certificates"
    get = signing.wechat_request("GET", path, stamp, nonce, b"")
    post = signing.wechat_request("POST", path, stamp, nonce, vector["post_body"].encode())
    assert get.decode() == vector["get"]
    assert post.decode() == vector["post"]


@pytest.mark.parametrize(
    ("name", "left_out", "wrong"),
    [
        ("A1_alipay_notify_drop_sign_type", ("sign", "sign_type"), ("sign",)),
        ("A2_alipay_notify_keep_sign_type", ("sign",), ("sign", "sign_type")),
    ],
)
def test_a1_and_a2_hold_with_their_own_rule_only(
    name: str, left_out: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    vector, post = VECTORS[name], VECTORS[name]["post"]
    key, sign = _public(vector), post["sign"]
    assert signing.holds_rsa(key, signing.alipay_text(post, left_out), sign)
    assert not signing.holds_rsa(key, signing.alipay_text(post, wrong), sign)
    changed = {**post, "notify_id": "0"}
    assert not signing.holds_rsa(key, signing.alipay_text(changed, left_out), sign)


@pytest.mark.parametrize("name", [name for name in VECTORS if name[:2] in ("A1", "A2")])
def test_a1_and_a2_pass_as_forms_and_not_as_sha1(name: str) -> None:
    vector = VECTORS[name]
    gateway = alipay(Peer(), alipay_keys=(_public(vector),)).gateway
    assert gateway.vouched(urlencode(vector["post"]).encode()) == vector["post"]
    with pytest.raises(Forged, match="RSA2"):
        gateway.vouched(urlencode({**vector["post"], "sign_type": "RSA"}).encode())
    with pytest.raises(Forged):
        gateway.vouched(urlencode({**vector["post"], "notify_id": "1"}).encode())
    with pytest.raises(Forged, match="twice"):
        gateway.vouched(urlencode(vector["post"]).encode() + b"&app_id=1")


def test_a3_the_signed_part_of_an_answer_is_its_raw_text() -> None:
    vector = VECTORS["A3_alipay_sync_response"]
    part, sign = vector["signed_substring"], vector["sign"]
    raw = f'{{"alipay_trade_query_response":{part},"sign":"{sign}"}}'.encode()
    assert signing.alipay_signed_part(raw, "alipay_trade_query_response") == part.encode()
    assert signing.holds_rsa(_public(vector), part.encode(), sign)
    again = json.dumps(json.loads(part)).encode()  # the same fields, written differently
    assert not signing.holds_rsa(_public(vector), again, sign)


def test_a4_a_whole_answer_is_cut_out_and_verified() -> None:
    vector = VECTORS["A4_alipay_sync_response_full"]
    part = signing.alipay_signed_part(vector["raw"].encode(), vector["response_key"])
    assert signing.holds_rsa(_public(vector), part, json.loads(vector["raw"])["sign"])
    assert signing.alipay_signed_part(vector["raw"].encode(), "another_response") == b""


def test_a_value_that_looks_like_the_signature_does_not_shorten_the_signed_part() -> None:
    part = b'{"code":"10000","remark":"x,\\"sign\\":","a":"b","sign":"inner"}'
    raw = b'{"x_response":' + part + b',"sign":"outer"}'
    assert signing.alipay_signed_part(raw, "x_response") == part


def test_s1_a_webhook_of_stripe_holds_for_five_minutes() -> None:
    vector = VECTORS["S1_stripe_webhook"]
    content, secret = vector["payload"].encode(), vector["secret"]
    header = f"t={vector['t']},v1={'0' * 64},v1={vector['v1']}"

    def holds(seconds: int, header: str = header, content: bytes = content) -> bool:
        now = datetime.fromtimestamp(vector["t"] + seconds, UTC)
        return signing.holds_stripe(secret, header, content, now)

    assert holds(0)
    assert holds(299)
    assert not holds(300)
    assert not holds(0, content=content + b" ")
    assert not holds(0, header=f"t={vector['t'] + 1},v1={vector['v1']}")
    assert not holds(0, header="v1=é,t=é")


def test_a_signature_of_ours_holds_with_our_key_and_no_other() -> None:
    signature = signing.sign_rsa(a_key("ours"), b"text")
    assert signing.holds_rsa(a_key("ours").public_key(), b"text", signature)
    assert not signing.holds_rsa(a_key("strange").public_key(), b"text", signature)
    assert not signing.holds_rsa(a_key("ours").public_key(), b"text", "no base64")
