"""The settings file: complete, private, or refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from portal.config import Config, ConfigError
from portal.providers.settings import read_payments
from tests.portal.certificate_names import certificate_names
from tests.portal.providers.peers import a_certificate, a_key

WECHAT = """
notices = "https://portal.example"
[wechat]
mchid = "1900000001"
appid = "wx1"
serial = "5F01"
private_key = "ours.pem"
apiv3_key = "apiv3"
platform_serial = "PUB_KEY_ID_1"
platform_key = "theirs.pem"
"""
STRIPE = """
simulated = true
admin = "http://127.0.0.1:8470/simulator"
[stripe]
base = "http://127.0.0.1:8470"
secret_key = "sk"
webhook_secret = "whsec"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    theirs = a_key("theirs").public_key()
    pem = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(tmp_path / "ours.pem", a_key("ours").private_bytes(*pem))
    _write(tmp_path / "apiv3", b"0123456789abcdef0123456789abcdef\n")
    _write(tmp_path / "sk", b"sk_live_secret\n")
    _write(tmp_path / "whsec", b"whsec_secret\n")
    pem_public = theirs.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "theirs.pem").write_bytes(pem_public)
    return tmp_path


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


def _file(folder: Path, text: str) -> Path:
    path = folder / "payments.toml"
    path.write_text(text)
    return path


def test_an_account_is_read_with_its_keys(folder: Path) -> None:
    account = read_payments(_file(folder, WECHAT)).wechat
    assert account is not None
    assert account.base == "https://api.mch.weixin.qq.com"
    assert account.notify_url == "https://portal.example/notices/wechat"
    assert list(account.platform_keys) == ["PUB_KEY_ID_1"]


def test_what_the_environment_names_becomes_the_configuration(folder: Path) -> None:
    path = _file(folder, STRIPE)
    environ = {"MINGAN_HOME": str(folder / "home"), "MINGAN_PAYMENTS": str(path)}
    config = Config.from_environ(environ)
    assert config.payments is not None
    assert config.payments.simulated
    assert "sk_live" not in repr(config) + repr(config.payments)


def test_real_money_is_never_rehearsed_with(folder: Path) -> None:
    """A rehearsal moves the clock and lets anybody act for anybody."""
    environ = {"MINGAN_HOME": str(folder / "home"), "MINGAN_REHEARSAL": "1"}
    assert Config.from_environ(environ | {"MINGAN_PAYMENTS": str(_file(folder, STRIPE))}).rehearsal
    with pytest.raises(ConfigError, match="MINGAN_REHEARSAL"):
        Config.from_environ(environ | {"MINGAN_PAYMENTS": str(_file(folder, WECHAT))})


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("mchid = ", "mchid_ = ", "mchid: must be a text"),
        ('appid = "wx1"', 'appid = "wx1"\nextra = 1', "extra: there is no such setting"),
        ('"ours.pem"', '"theirs.pem"', "chmod 600"),
        ('"ours.pem"', '"apiv3"', "not a private key"),
        ('"ours.pem"', '"absent"', "cannot be read"),
        ('"theirs.pem"', '"apiv3"', "not a public key"),
        ('apiv3_key = "apiv3"', 'apiv3_key = "sk"', "must be 32 bytes"),
        ("https://portal", "http://portal", "must be an https address"),
        ("[wechat]", "[wechat]\nbase = 'http://api.mch.example'", "must be an https address"),
        ("platform_serial", "#", "needs platform_key"),
        ("notices", "simulated = true\nnotices", "goes with"),
        ("notices", "admin = 'http://x'\nnotices", "goes with"),
        ("[wechat]", "[wechat", "not TOML"),
        ("[wechat]", "[wechatt]", "wechatt: there is no such setting"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_repeated(
    folder: Path, old: str, new: str, why: str
) -> None:
    path = _file(folder, WECHAT.replace(old, new, 1))
    with pytest.raises(ValueError, match=why) as caught:
        read_payments(path)
    assert "secret" not in str(caught.value)
    with pytest.raises(ConfigError, match="MINGAN_PAYMENTS"):
        Config.from_environ({"MINGAN_HOME": str(folder), "MINGAN_PAYMENTS": str(path)})


def test_a_secret_that_others_may_read_stops_the_start(folder: Path) -> None:
    (folder / "apiv3").chmod(0o640)
    with pytest.raises(ValueError, match="others may read"):
        read_payments(_file(folder, WECHAT))


ALIPAY = "[alipay]\napp_id = '2026'\nprivate_key = 'ours.pem'\n"
CERTIFICATES = """app_certificate = 'ours.crt'
alipay_certificates = ['theirs.crt']
root_certificates = ['root.crt']
"""


def test_by_a_plain_key_alipay_only_refunds(folder: Path) -> None:
    account = read_payments(_file(folder, f"{ALIPAY}alipay_public_key = 'theirs.pem'\n")).alipay
    assert account is not None
    assert not account.is_certified


def test_certificates_are_named_as_others_name_them(folder: Path) -> None:
    _certify(folder)
    account = read_payments(_file(folder, ALIPAY + CERTIFICATES)).alipay
    assert account is not None
    ours, roots = ((folder / f"{name}.crt").read_text() for name in ("ours", "root"))
    names = {"app_cert_sn": account.app_cert, "alipay_root_cert_sn": account.root_cert}
    assert names == certificate_names(ours, roots)
    assert account.root_cert.count("_") == 1  # two are signed with RSA, the third is not
    assert account.alipay_keys == (a_key("theirs").public_key(),)  # the chain's end is nobody's


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("app_certificate = 'ours.crt'", "", "app_certificate, alipay_certificates, root_cert"),
        ("['root.crt']", "[]", "app_certificate, alipay_certificates, root_cert"),
        ("['root.crt']", "['elliptic.crt']", "app_certificate, alipay_certificates, root_cert"),
        ("'ours.crt'", "'theirs.crt'", "app_certificate: is not of private_key"),
        ("'ours.crt'", "'ours.pem'", "app_certificate: not a certificate in PEM"),
        ("['theirs.crt']", "'none.crt'", "alipay_certificates: the file cannot be read"),
        ("['theirs.crt']", "3", "alipay_certificates: must be a file"),
        ("['theirs.crt']", "['elliptic.crt']", "must be an RSA key"),
        ("['theirs.crt']", "['theirs.crt']\nalipay_public_key = 'theirs.pem'", "no such setting"),
    ],
)
def test_certificates_that_do_not_fit_stop_the_start(
    folder: Path, old: str, new: str, why: str
) -> None:
    _certify(folder)
    with pytest.raises(ValueError, match=re.escape(why)):
        read_payments(_file(folder, ALIPAY + CERTIFICATES.replace(old, new)))


def _certify(folder: Path) -> None:
    """Certificates as Alipay hands them out: theirs with the one who issued it, roots of all kinds,
    each followed by an empty line."""
    root, elliptic = a_certificate("root", "root"), a_certificate("elliptic", "elliptic")
    (folder / "ours.crt").write_bytes(a_certificate("ours", "root"))
    (folder / "theirs.crt").write_bytes(a_certificate("theirs", "root") + root)
    (folder / "root.crt").write_bytes(b"\n".join([root, elliptic, a_certificate("next", "next")]))
    (folder / "elliptic.crt").write_bytes(elliptic)
