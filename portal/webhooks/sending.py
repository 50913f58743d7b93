"""One request to a receiver: signed, to a checked address, without redirects, proxies or patience
for a long answer. Only the status counts; what else it says is not read.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from portal.deadlines import TimedTransport, until
from portal.webhooks.addresses import Unreachable, find_target

TIMEOUT = httpx.Timeout(5.0, connect=3.0)
WHOLE_SECONDS = 10.0  # headers that trickle must not hold the worker; well within the lease
AGENT = "mingan-webhooks/1"


@dataclass(frozen=True)
class Heard:
    """`status` 0: no answer, and `error` says in a code why."""

    status: int
    error: str = ""


@dataclass(frozen=True)
class Post:
    """Sends messages. `rehearsal`: this machine itself may be a receiver. `seconds`: from the
    look-up of the name to the end of the answer's headers."""

    rehearsal: bool
    seconds: float = WHOLE_SECONDS

    def __call__(self, url: str, headers: Mapping[str, str], content: bytes) -> Heard:
        """Never raises for what the network or the receiver does."""
        end = time.monotonic() + self.seconds
        try:
            target = find_target(url, self.rehearsal, self.seconds)
            whole = {
                **headers,
                "host": target.netloc,
                "content-type": "application/json",
                "user-agent": AGENT,
            }
            client = httpx.Client(timeout=TIMEOUT, trust_env=False, transport=TimedTransport())
            named = {"sni_hostname": target.host, "timeout": until(end, TIMEOUT)}
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
