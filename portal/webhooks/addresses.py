"""Which addresses a message may go to: a subscription must not make this machine ask its neighbours
(CWE-918). The name is looked up at every sending and the connection goes to the very address that
was looked at, so that a name which changes in between gains nothing.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from portal.deadlines import look_up
from portal.errors import BadInput
from portal.errors import sentence as _

LONGEST = 500
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")  # the rest is local, translated or not given out
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(Exception):
    """The name has no address that a message may go to."""


@dataclass(frozen=True)
class Target:
    """A URL taken apart, with the address that its name has now."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def netloc(self) -> str:
        usual = {"https": 443, "http": 80}[self.scheme]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == usual else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """By address, for the connection; the name stands in Host and in the certificate."""
        literal = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{literal}:{self.port}{self.path}"


def check_url(url: str, rehearsal: bool) -> str:
    """The URL if a subscription may have it; a rehearsal may also name this machine itself.

    Raises BadInput.
    """
    url = url.strip()
    parts = _split(url)
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or "\\" in url:
        raise BadInput("url", _("这个地址不能用"))
    if (
        not parts.hostname
        or parts.username is not None
        or parts.fragment
        or not _has_port(parts.netloc)
    ):
        raise BadInput("url", _("这个地址不能用"))
    if parts.scheme != "https" and not (rehearsal and _is_here(parts.hostname)):
        raise BadInput("url", _("请填 https:// 开头的地址"))
    literal = _literal(parts.hostname)
    if literal is not None and not _may_reach(literal, rehearsal):
        raise BadInput("url", _("不能填内部网络的地址"))
    return url


def find_target(url: str, rehearsal: bool, seconds: float) -> Target:
    """Look the name up, for so long at most. Raises Unreachable."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = look_up(host, port, seconds)
    except OSError as error:
        raise Unreachable("no such name") from error
    addresses = [ipaddress.ip_address(str(sockaddr[0]).split("%")[0]) for *_rest, sockaddr in found]
    if not addresses or not all(_may_reach(address, rehearsal) for address in addresses):
        raise Unreachable("an address inside")
    path = parts.path or "/"
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, host, port, path + query, str(addresses[0]))


def _may_reach(address: Address, rehearsal: bool) -> bool:
    if rehearsal and address.is_loopback:
        return True
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return _may_reach(inner, rehearsal=False)
        if address.teredo is not None or address not in _UNICAST:
            return False
    return address.is_global and not address.is_multicast


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _is_here(host: str) -> bool:
    literal = _literal(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # half a bracket
        raise BadInput("url", _("这个地址不能用")) from None


def _has_port(netloc: str) -> bool:
    """Whether the port, if there is one, is a number from 1 to 65535."""
    try:
        port = urlsplit(f"//{netloc}").port
    except ValueError:
        return False
    return port is None or port > 0
