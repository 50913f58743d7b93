"""The file that MINGAN_PAYMENTS names: which providers are used, and with which keys.

    simulated = true                            # false or absent for real money
    admin = "http://127.0.0.1:8470/simulator"   # only with simulated
    notices = "https://portal.example"          # where providers reach this portal

    [wechat]                # [douyin] has the same fields
    base = "https://api.mch.weixin.qq.com"      # the default
    mchid = "1900000001"
    appid = "wx0000000000000001"
    serial = "5F…"                              # of our certificate
    private_key = "wechat.pem"
    apiv3_key = "wechat.apiv3"
    platform_serial = "PUB_KEY_ID_…"            # their public key,
    platform_key = "wechat.pub.pem"
    platform_certificates = ["cert.pem"]        # or their certificates, or both
    ecommerce = false                           # 平台收付通: refunds may be advanced
    scene = "1011"                              # of transfers: 企业赔付

    [alipay]                gateway, app_id, private_key, advance_account, and
    alipay_public_key = "alipay.pub.pem"        # their key: refunds alone; or, for transfers too,
    app_certificate = "appCertPublicKey.crt"    # 公钥证书: ours,
    alipay_certificates = ["alipayCertPublicKey_RSA2.crt"]    # theirs, also the next one,
    root_certificates = ["alipayRootCert.crt"]  # and whom both are from
    [stripe]                base, secret_key, webhook_secret
    [balance]               url, secret

Where money is real every address is https. Every value that ends in _key, _secret, _certificate
or _certificates, and `secret`, is a file beside this one; those that are secret only their owner
may read. Messages name fields and files, never contents.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from portal.providers.alipay.certificates import name_of, name_of_roots
from portal.providers.settings_table import SettingsTable, checked_rsa
from portal.providers.signing import webhook_key

ALIPAY_CERTIFICATES = ("app_certificate", "alipay_certificates", "root_certificates")


@dataclass(frozen=True)
class WeChatAccount:
    """A merchant of WeChat Pay, or of Douyin Pay, which is made after it."""

    name: str
    base: str
    mchid: str
    appid: str
    serial: str
    private_key: RSAPrivateKey = field(repr=False)
    apiv3_key: bytes = field(repr=False)
    platform_keys: Mapping[str, RSAPublicKey] = field(repr=False)  # by serial
    ecommerce: bool = False
    scene: str = "1011"
    notify_url: str = ""


@dataclass(frozen=True)
class AlipayAccount:
    gateway: str
    app_id: str
    private_key: RSAPrivateKey = field(repr=False)
    alipay_keys: tuple[RSAPublicKey, ...] = field(repr=False)
    app_cert: str = ""  # the names of certificates, where they are gone by
    root_cert: str = ""
    advance_account: str = ""
    notify_url: str = ""

    @property
    def is_certified(self) -> bool:
        """Asks in certificate mode, and so may transfer to accounts."""
        return bool(self.app_cert)


@dataclass(frozen=True)
class StripeAccount:
    base: str
    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)


@dataclass(frozen=True)
class BalanceAccount:
    """The platform's own purse of its buyers: balance, coupons, points."""

    url: str = field(repr=False)
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Payments:
    """What the file says; a provider that it does not name is None and not available."""

    simulated: bool = False
    admin: str = field(default="", repr=False)
    wechat: WeChatAccount | None = None
    douyin: WeChatAccount | None = None
    alipay: AlipayAccount | None = None
    stripe: StripeAccount | None = None
    balance: BalanceAccount | None = None


def read_payments(path: str | Path) -> Payments:
    """The settings in a file; ValueError names the first thing that is wrong with them."""
    try:
        table = tomllib.loads(Path(path).read_text())
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ValueError("not TOML") from None
    root = SettingsTable("", table, Path(path).parent)
    simulated = root.switch("simulated")
    admin = root.address("admin", "")
    root.secure = not simulated
    notices = root.address("notices", "")
    accounts = {name: _account(root, name, make, notices) for name, make in _ACCOUNTS.items()}
    root.refuse_more()
    if bool(admin) is not simulated:
        raise ValueError("`admin` goes with `simulated = true`, and only with it")
    return Payments(simulated=simulated, admin=admin, **accounts)


def _account(
    root: SettingsTable, name: str, make: Callable[[SettingsTable, str, str], Any], notices: str
) -> Any:
    if (section := root.section(name)) is None:
        return None
    account = make(section, name, f"{notices}/notices/{name}" if notices else "")
    section.refuse_more()
    return account


def _wechat(table: SettingsTable, name: str, notify_url: str) -> WeChatAccount:
    base = {"wechat": "https://api.mch.weixin.qq.com", "douyin": "https://api.douyinpay.com"}
    apiv3_key = table.secret("apiv3_key").encode()
    if len(apiv3_key) != 32:
        raise ValueError(f"[{name}] apiv3_key: must be 32 bytes")
    return WeChatAccount(
        name=name,
        base=table.address("base", base[name]),
        mchid=table.text("mchid"),
        appid=table.text("appid"),
        serial=table.text("serial"),
        private_key=table.private_key("private_key"),
        apiv3_key=apiv3_key,
        platform_keys=_platform_keys(table),
        ecommerce=table.switch("ecommerce"),
        scene=table.text("scene", "1011"),
        notify_url=notify_url,
    )


def _platform_keys(table: SettingsTable) -> dict[str, RSAPublicKey]:
    keys: dict[str, RSAPublicKey] = {}
    if serial := table.text("platform_serial", ""):
        keys[serial] = table.public_key("platform_key")
    for certificate, *_chain in table.certificates("platform_certificates"):
        public = checked_rsa(certificate.public_key(), RSAPublicKey, table.name)
        keys[f"{certificate.serial_number:X}"] = public
    if not keys:
        raise ValueError(f"[{table.name}]: needs platform_key or platform_certificates")
    return keys


def _alipay(table: SettingsTable, _name: str, notify_url: str) -> AlipayAccount:
    private_key = table.private_key("private_key")
    return AlipayAccount(
        gateway=table.address("gateway", "https://openapi.alipay.com/gateway.do"),
        app_id=table.text("app_id"),
        private_key=private_key,
        **_alipay_trust(table, private_key),
        advance_account=table.text("advance_account", ""),
        notify_url=notify_url,
    )


def _alipay_trust(table: SettingsTable, private_key: RSAPrivateKey) -> dict[str, Any]:
    """By whose keys answers are believed, and by which certificates requests are made."""
    ours, theirs, roots = map(table.certificates, ALIPAY_CERTIFICATES)
    if not (ours or theirs or roots):
        return {"alipay_keys": (table.public_key("alipay_public_key"),)}
    root_cert = name_of_roots(each for chain in roots for each in chain)
    if not (ours and theirs and root_cert):
        raise ValueError(f"[alipay]: needs {', '.join(ALIPAY_CERTIFICATES)}, or none of them")
    if ours[0][0].public_key() != private_key.public_key():
        raise ValueError("[alipay] app_certificate: is not of private_key")
    keys = (checked_rsa(first.public_key(), RSAPublicKey, "alipay") for first, *_chain in theirs)
    return {
        "alipay_keys": tuple(keys),
        "app_cert": name_of(ours[0][0]),
        "root_cert": root_cert,
    }


def _stripe(table: SettingsTable, _name: str, _notify_url: str) -> StripeAccount:
    return StripeAccount(
        base=table.address("base", "https://api.stripe.com"),
        secret_key=table.secret("secret_key"),
        webhook_secret=table.secret("webhook_secret"),
    )


def _balance(table: SettingsTable, name: str, _notify_url: str) -> BalanceAccount:
    try:
        key = webhook_key(table.secret("secret"))
    except ValueError:
        key = b""
    if len(key) < 24:  # the least that Standard Webhooks allows
        raise ValueError(f"[{name}] secret: must be whsec_ and base64 of at least 24 bytes")
    return BalanceAccount(url=table.address("url", None), key=key)


_ACCOUNTS: dict[str, Callable[[SettingsTable, str, str], Any]] = {
    "wechat": _wechat,
    "douyin": _wechat,
    "alipay": _alipay,
    "stripe": _stripe,
    "balance": _balance,
}
