"""The signed way to Alipay: one address, the method as a parameter, local time, raw signatures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from portal.providers.calling import Caller, Reply
from portal.providers.conversions import BEIJING, compact, fields_of, text_of
from portal.providers.settings import AlipayAccount
from portal.providers.signing import (
    alipay_signed_part,
    alipay_text,
    holds_rsa,
    prepare,
    sign_rsa,
)
from portal.providers.values import Forged, Prepared

_FORM = "application/x-www-form-urlencoded;charset=utf-8"
BILL_HOSTS = (".alipay.com", ".alipayobjects.com")


@dataclass(frozen=True)
class Said:
    """A reply whose `…_response` was found; `fields` are of the signed part alone."""

    reply: Reply
    fields: Mapping[str, Any]
    verified: bool

    @property
    def code(self) -> str:
        """10000, or the finer word for what went wrong."""
        return text_of(self.fields, "sub_code", 64) or text_of(self.fields, "code", 64)

    @property
    def is_done(self) -> bool:
        """The call was understood and answered; not yet that money moved."""
        fine = text_of(self.fields, "code") == "10000"
        return self.verified and self.reply.status == 200 and fine


@dataclass(frozen=True)
class Gateway:
    """Requests in the name of one application."""

    account: AlipayAccount
    caller: Caller
    now: Callable[[], datetime]

    def prepared(self, method: str, business: Mapping[str, object]) -> Prepared:
        """A request without stamp and signature: the same business gives the same bytes."""
        path = f"{urlsplit(self.account.gateway).path}?method={method}"
        return prepare("POST", path, compact(business))

    def ask(self, method: str, content: bytes, notify: bool = False) -> Said:
        """Send business parameters once. Raises NoReply."""
        public = self._public(method, notify)
        business = {"biz_content": content.decode()}
        text = alipay_text({**public, **business})
        public["sign"] = sign_rsa(self.account.private_key, text)
        # Public parameters in the address: the gateway reads the form in the charset named there.
        url = f"{self.account.gateway}?{urlencode(public)}"
        headers = {"Content-Type": _FORM, "User-Agent": "mingan"}
        reply = self.caller.call("POST", url, headers, urlencode(business).encode())
        return self._said(method, reply)

    def download(self, url: str, into: IO[bytes]) -> int:
        """A bill at an address that they signed; only from their own hosts. Raises NoReply."""
        named, own = urlsplit(url), urlsplit(self.account.gateway)
        host = named.hostname or ""
        theirs = named.scheme in ("http", "https") and host.endswith(BILL_HOSTS)
        if not (theirs or (named.scheme, named.netloc) == (own.scheme, own.netloc)):
            raise Forged("the bill lies at a strange address")
        return self.caller.download(url, {"User-Agent": "mingan"}, into)

    def vouched(self, content: bytes) -> dict[str, str]:
        """The fields of a notification that they signed with RSA2. Raises Forged.

        Payment notifications leave `sign` and `sign_type` out of the text, those of the message
        service only `sign`; nothing in them says which they are, so that either may hold.
        """
        try:
            pairs = parse_qsl(
                content.decode("ascii"),
                keep_blank_values=True,
                max_num_fields=200,
                strict_parsing=True,
                errors="strict",
            )
        except ValueError:
            raise Forged("not a form") from None
        fields = dict(pairs)
        if len(fields) != len(pairs) or fields.get("sign_type") != "RSA2":
            raise Forged("a field stands twice, or it is not signed with RSA2")
        texts = (alipay_text(fields, ("sign", "sign_type")), alipay_text(fields))
        if not any(self._holds(text, fields.get("sign", "")) for text in texts):
            raise Forged("the signature does not hold")
        return fields

    def _public(self, method: str, notify: bool) -> dict[str, str]:
        public = {
            "app_id": self.account.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": self.now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
        }
        if self.account.is_certified:
            public["app_cert_sn"] = self.account.app_cert
            public["alipay_root_cert_sn"] = self.account.root_cert
        if notify and self.account.notify_url:
            public["notify_url"] = self.account.notify_url
        return public

    def _said(self, method: str, reply: Reply) -> Said:
        for key in (f"{method.replace('.', '_')}_response", "error_response"):
            if part := alipay_signed_part(reply.content, key):
                signature = text_of(fields_of(reply.content), "sign", 2048)
                return Said(reply, fields_of(part), self._holds(part, signature))
        return Said(reply, {}, verified=False)

    def _holds(self, text: bytes, signature: str) -> bool:
        """`alipay_cert_sn` only says which of their keys it was: any that we know will do."""
        return any(holds_rsa(key, text, signature) for key in self.account.alipay_keys)
