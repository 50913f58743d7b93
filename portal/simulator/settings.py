"""The customer's side of the simulator: keys, and the file that MINGAN_PAYMENTS names."""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64encode
from pathlib import Path

from portal.simulator.accounts import ALIPAY_APP, ALIPAY_ROOT, APPID, MCHID, PLATFORM_SERIALS
from portal.simulator.keys import Keys, serial_of, write_once
from portal.simulator.store import Store, read_switch, write_switch

FILE = "payments.toml"
KEYS = "keys"
NOTICES = "notices"  # the switch that holds the customer's own address
ECOMMERCE = "ecommerce"  # the switch that makes the customer a platform that may advance
ADMIN_PATH = "/simulator"


def write_settings(folder: Path, url: str, *, notices: str, ecommerce: bool | None = None) -> Path:
    """Make the keys that are missing, and write payments.toml for a simulator at `url`.

    `notices` is the public address of the portal: notices go to <notices>/notices/<provider> and
    nowhere else. `ecommerce`: the customer is a platform of WeChat's 平台收付通; None: as it was
    told before. Safe to repeat and safe in several processes. Gives the file's path.
    """
    keys = Keys(folder / KEYS)
    with Store(folder).transaction() as connection:
        write_switch(connection, NOTICES, notices.rstrip("/"))
        if ecommerce is not None:
            write_switch(connection, ECOMMERCE, ecommerce)
        advances = read_switch(connection, ECOMMERCE, False)
    sections = {
        "": {"simulated": True, "admin": url + ADMIN_PATH, "notices": notices.rstrip("/")},
        "wechat": _wechat(keys, "wechat", url) | {"ecommerce": advances},
        "douyin": _wechat(keys, "douyin", url),
        "alipay": _alipay(keys, url),
        "stripe": _stripe(keys, url),
        "balance": {"url": f"{url}/balance", "secret": _webhook_secret(keys, "balance")},
    }
    path = folder / FILE
    _replace(path, "\n".join(_section(*pair) for pair in sections.items()))
    return path


def _wechat(keys: Keys, name: str, url: str) -> dict[str, object]:
    certificate = keys.certificate_file(f"{name}.platform")
    keys.public_file(f"{name}.merchant")  # what the provider was given of the customer
    return {
        "base": url,
        "mchid": MCHID,
        "appid": APPID,
        "serial": merchant_serial(keys, name),
        "private_key": _named(keys.private_file(f"{name}.merchant")),
        "apiv3_key": _named(keys.secret_file(f"{name}.apiv3")),
        "platform_serial": PLATFORM_SERIALS[name],
        "platform_key": _named(keys.public_file(f"{name}.platform")),
        "platform_certificates": [_named(certificate)],
    }


def merchant_serial(keys: Keys, name: str) -> str:
    """Serial number of the customer's own certificate with WeChat or Douyin."""
    keys.certificate_file(f"{name}.merchant")
    return serial_of(keys.certificate(f"{name}.merchant"))


def _alipay(keys: Keys, url: str) -> dict[str, object]:
    ours = keys.certificate_file("alipay.merchant", by=ALIPAY_ROOT)
    theirs = keys.certificate_file("alipay.platform", by=ALIPAY_ROOT)
    return {
        "gateway": f"{url}/gateway.do",
        "app_id": ALIPAY_APP,
        "private_key": _named(keys.private_file("alipay.merchant")),
        "app_certificate": _named(ours),
        "alipay_certificates": [_named(theirs)],
        "root_certificates": [_named(keys.certificate_file(ALIPAY_ROOT))],
    }


def _stripe(keys: Keys, url: str) -> dict[str, object]:
    return {
        "base": url,
        "secret_key": _named(keys.secret_file("stripe", "sk_test_")),
        "webhook_secret": _named(keys.secret_file("stripe.webhook", "whsec_")),
    }


def _webhook_secret(keys: Keys, name: str) -> str:
    path = keys.folder / f"{name}.txt"
    if not path.exists():
        keys.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_once(path, b"whsec_" + b64encode(secrets.token_bytes(24)) + b"\n")
    return _named(path)


def _named(path: Path) -> str:
    return f"{KEYS}/{path.name}"


def _section(name: str, fields: dict[str, object]) -> str:
    # Texts, booleans and lists of texts in JSON are TOML as well.
    lines = [f"[{name}]"] if name else []
    lines += [f"{field} = {json.dumps(value)}" for field, value in fields.items()]
    return "\n".join(lines) + "\n"


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
