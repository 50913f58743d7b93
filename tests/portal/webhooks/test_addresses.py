"""Where a message may go: never into this machine's own network."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from portal.errors import BadInput
from portal.webhooks.addresses import Unreachable, check_url, find_target

INSIDE = (
    "127.0.0.1",
    "10.0.0.8",
    "172.16.3.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "[::1]",
    "[fd00::1]",
    "[fe80::1]",
    "[::ffff:10.0.0.8]",
    "[64:ff9b::a00:8]",
    "[2002:a00:8::]",
    "[::7f00:1]",
    "[::ffff:0:7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[fec0::1]",
)


@pytest.mark.parametrize("host", INSIDE)
def test_an_address_inside_is_refused(host: str) -> None:
    with pytest.raises(BadInput):
        check_url(f"https://{host}/hook", rehearsal=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com",
        "https://user:pass@example.com/",
        "https://example.com/#part",
        "https://",
        "https://[",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com\\@10.0.0.8/",
        "https://exämple.com/",
        "https://example.com/" + "a" * 500,
        "https://example.com/\nhost: x",
        "",
    ],
)
def test_what_is_not_a_plain_https_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        check_url(url, rehearsal=True)


def test_this_machine_is_a_receiver_in_a_rehearsal_only() -> None:
    assert check_url("http://127.0.0.1:9/hook", rehearsal=True)
    assert check_url("http://localhost:9/hook", rehearsal=True)
    for url in ("http://127.0.0.1:9/hook", "http://localhost:9/hook"):
        with pytest.raises(BadInput):
            check_url(url, rehearsal=False)


def test_a_name_that_leads_inside_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_target_of("93.184.216.34", monkeypatch).address == "93.184.216.34"
    for inside in ("10.0.0.8", "127.0.0.1", "::1"):
        with pytest.raises(Unreachable):
            find_target_of(inside, monkeypatch)
    with pytest.raises(Unreachable):
        find_target_of("93.184.216.34", monkeypatch, "10.0.0.8")


def test_the_connection_goes_to_the_address_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = find_target_of("93.184.216.34", monkeypatch)
    assert target.url == "https://93.184.216.34:443/hook?a=1"
    assert (target.netloc, target.host) == ("example.com", "example.com")


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
def test_what_cannot_be_a_name_leads_nowhere(host: str) -> None:
    with pytest.raises(Unreachable):
        find_target(f"https://{host}/", rehearsal=False, seconds=1)


def test_nobody_waits_for_a_resolver_that_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: answered.wait(120) and [])
    with pytest.raises(Unreachable):
        find_target("https://example.com/", rehearsal=False, seconds=0.05)
    answered.set()


def find_target_of(first: str, monkeypatch: pytest.MonkeyPatch, *more: str) -> Any:
    found = [(0, 0, 0, "", (address, 443)) for address in (first, *more)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: found)
    return find_target("https://example.com/hook?a=1", rehearsal=False, seconds=120)
