"""One request to a receiver: signed, to a checked address, without redirects, proxies or patience
for a long answer. Only the status counts; what else it says is not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from portal.webhooks.addresses import Unreachable, find_target

TIMEOUT = httpx.Timeout(5.0, connect=3.0)
AGENT = "mingan-webhooks/1"


@dataclass(frozen=True)
class Heard:
    """`status` 0: no answer, and `error` says in a code why."""

    status: int
    error: str = ""


@dataclass(frozen=True)
class Post:
    """Sends messages. `rehearsal`: this machine itself may be a receiver."""

    rehearsal: bool
    transport: httpx.BaseTransport | None = None

    def __call__(self, url: str, headers: Mapping[str, str], content: bytes) -> Heard:
        """Never raises for what the network or the receiver does."""
        try:
            target = find_target(url, self.rehearsal)
            whole = {
                **headers,
                "host": target.netloc,
                "content-type": "application/json",
                "user-agent": AGENT,
            }
            client = httpx.Client(timeout=TIMEOUT, trust_env=False, transport=self.transport)
            named = {"sni_hostname": target.host}
            with (
                client,
                client.stream(
                    "POST", target.url, headers=whole, content=content, extensions=named
                ) as answer,
            ):
                return Heard(answer.status_code)
        except Unreachable:
            return Heard(0, "ADDRESS")
        except httpx.TimeoutException:
            return Heard(0, "TIMEOUT")
        except httpx.HTTPError:
            return Heard(0, "CONNECTION")
