"""The circumstances of a trial: which provider over which database, how many workers, what the
provider does wrong, and how money may honestly end then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, product

PROVIDERS = ("wechat", "alipay", "stripe")
# Faults of the line: in the end everything is paid, once. After each of these the engine must not
# know more than it was told, and must not believe less.
LINE = (
    "",
    "APPLIED_THEN_DROPPED",
    "DROP_BEFORE",
    "ERROR_BEFORE",
    "ERROR_AFTER",
    "SLOW",
    "GARBAGE",
    "BUSY",
    "PROCESSING",
    "NOT_ENOUGH",
    "CLOSED",
    "ABNORMAL",
)
# Stripe does not sign its answers and has no bank leg; what Alipay has paid it does not take back.
FAULTS = {
    "wechat": (*LINE, "WRONG_SIGNATURE", "DBACK_F", "FAILED_AFTER_SUCCESS"),
    "alipay": (*LINE, "WRONG_SIGNATURE", "DBACK_F"),
    "stripe": (*LINE, "FAILED_AFTER_SUCCESS"),
}
# A fault that one movement alone is to meet, because the end of that one is looked at. Alipay's
# refunds are neither closed nor abnormal, its transfers are.
FIRST, BEYOND = "RMA2026000001n1a1", "RMA2026000001p1a1"
AIMED = {
    ("wechat", "ABNORMAL"): FIRST,
    ("wechat", "DBACK_F"): FIRST,
    ("wechat", "FAILED_AFTER_SUCCESS"): FIRST,
    ("alipay", "CLOSED"): BEYOND,
    ("alipay", "ABNORMAL"): BEYOND,
    ("alipay", "DBACK_F"): FIRST,
    ("stripe", "FAILED_AFTER_SUCCESS"): FIRST,
}
# These spoil the first question as well, and not only the request that it is about.
ASKED_TOO = ("DROP_BEFORE", "ERROR_BEFORE", "ERROR_AFTER", "GARBAGE", "WRONG_SIGNATURE", "BUSY")
# How a movement may end unpaid: the money is not out, and a person is asked. A success that was
# taken back before anybody heard of it is heard of as ABNORMAL.
UNPAID = {
    ("wechat", "ABNORMAL"): ("ABNORMAL",),
    ("wechat", "FAILED_AFTER_SUCCESS"): ("REVERSED", "ABNORMAL"),
    ("stripe", "FAILED_AFTER_SUCCESS"): ("REVERSED",),
}
# These show only when a payment is looked after, on its promised day and a week later.
SHOWN_LATE = ("DBACK_F", "FAILED_AFTER_SUCCESS")
# What the provider takes to change its mind, where a fault has such a time.
SECONDS = {"PROCESSING": 90.0, "CLOSED": 300.0, "DBACK_F": 3600.0, "FAILED_AFTER_SUCCESS": 3600.0}
WORKERS = (1, 4)


@dataclass(frozen=True)
class Setting:
    """`times`: how many requests the fault spoils, where it is not aimed at one."""

    database: str  # sqlite or postgresql
    workers: int = 1
    idempotent: bool = True
    fault: str = ""
    times: int = 2
    provider: str = "wechat"

    def __str__(self) -> str:
        manner = "idempotent" if self.idempotent else "forgetful"
        return f"{self.database} x{self.workers} {manner} {self.family}"

    @property
    def family(self) -> str:
        return f"{self.provider} {self.fault or 'no fault'}"

    @property
    def aimed(self) -> str:
        """The number that alone meets the fault; empty: the first ones that come."""
        return AIMED.get((self.provider, self.fault), "")

    @property
    def unpaid(self) -> tuple[str, ...]:
        """States in which a movement may end without having been paid."""
        return UNPAID.get((self.provider, self.fault), ())

    @property
    def shows_late(self) -> bool:
        return self.fault in SHOWN_LATE


def families() -> Iterator[tuple[str, str]]:
    """Each provider with each of its faults; neighbours differ in their provider."""
    for fault in (*LINE, "WRONG_SIGNATURE", "DBACK_F", "FAILED_AFTER_SUCCESS"):
        yield from ((name, fault) for name in PROVIDERS if fault in FAULTS[name])


def matrix(databases: tuple[str, ...]) -> Iterator[Setting]:
    """Every combination; neighbours differ in their fault, so that a short run sees all of them."""
    circumstances = product(WORKERS, databases, (True, False))
    for (workers, database, idempotent), (provider, fault) in product(circumstances, families()):
        yield Setting(database, workers, idempotent, fault, provider=provider)


def spread(databases: tuple[str, ...], swarms: int = 4) -> list[Setting]:
    """Every fault of every provider once, alone, over the databases and manners in turn, and some
    with four workers, which take three times as long."""
    turns = cycle(product((False, True), databases))
    alone = [
        Setting(database, 1, idempotent, fault, provider=provider)
        for (provider, fault), (idempotent, database) in zip(families(), turns, strict=False)
    ]
    together = [each for each in matrix(databases) if each.workers > 1]
    a_step = len(together) // swarms + 5  # each time another fault in other circumstances
    return [*alone, *together[::a_step]]
