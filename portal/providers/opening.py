"""The providers of a house, from its settings. Nothing is opened before the first use.

Without settings the in-process simulator stands in: the same adapters, the same bytes on the same
protocol, only no socket and no money.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from portal.clock import Clock
from portal.config import Config
from portal.providers.alipay.adapter import Alipay
from portal.providers.alipay.gateway import Gateway
from portal.providers.balance import Balance
from portal.providers.calling import Caller
from portal.providers.rehearsed import Rehearsed
from portal.providers.settings import Payments, read_payments
from portal.providers.stripe.adapter import Stripe
from portal.providers.unionpay import WHY, UnionPay
from portal.providers.values import NotAvailable, Provider, Recourse
from portal.providers.wechat.adapter import WeChat
from portal.providers.wechat.channel import DOUYIN, WECHAT, Channel

NOWHERE = "http://simulator.invalid"  # never looked up: its requests do not leave the process


@dataclass
class Providers:
    """Providers by name. `make` runs once, at the first question."""

    make: Callable[[], tuple[Provider, ...]]
    _made: dict[str, Provider] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, channel: str) -> Provider:
        """Who can refund a payment of this channel. Raises NotAvailable, for UnionPay too."""
        if channel == UnionPay.name:
            raise NotAvailable(WHY)
        return self.named(channel)

    def named(self, name: str) -> Provider:
        """Raises NotAvailable for one without settings."""
        if name == UnionPay.name:
            return UnionPay()
        if (provider := self._all().get(name)) is None:
            raise NotAvailable(f"there are no settings for {name[:20]!r}")
        return provider

    def recourse(self, name: str) -> Recourse:
        """What this provider can do about ABNORMAL and advances. Raises NotAvailable."""
        provider = self.named(name)
        inner = provider.provider if isinstance(provider, Rehearsed) else provider
        if not isinstance(inner, Recourse):
            raise NotAvailable(f"{name} has no way for this")
        return inner

    def __iter__(self) -> Iterator[Provider]:
        return iter(tuple(self._all().values()))

    def _all(self) -> dict[str, Provider]:
        with self._lock:
            if not self._made:
                self._made.update((provider.name, provider) for provider in self.make())
            return self._made


def open_providers(config: Config, clock: Clock) -> Providers:
    """The providers that MINGAN_PAYMENTS names, or those of the simulator in this process."""
    return Providers(lambda: _make(config, clock))


def _make(config: Config, clock: Clock) -> tuple[Provider, ...]:
    if config.payments is not None:
        return connect(config.payments, Caller(), clock.now)
    return connect(*_inside(config, clock), clock.now)


def _inside(config: Config, clock: Clock) -> tuple[Payments, Caller]:
    # Imported late: whoever has real providers needs no simulator.
    from portal.simulator.app import create_simulator
    from portal.simulator.settings import write_settings

    folder = config.folder / "simulator"
    path = write_settings(folder, NOWHERE, notices=config.public_url)
    app = create_simulator(folder, clock.now)
    transport = httpx.WSGITransport(app=app)
    return read_payments(path), Caller(lambda: httpx.Client(transport=transport, trust_env=False))


def connect(
    payments: Payments, caller: Caller, now: Callable[[], datetime]
) -> tuple[Provider, ...]:
    """The adapters of the accounts in the settings, over one caller."""
    providers = tuple(_adapters(payments, caller, now))
    if not payments.simulated:
        return providers
    return tuple(Rehearsed(provider, caller, payments.admin) for provider in providers)


def _adapters(
    payments: Payments, caller: Caller, now: Callable[[], datetime]
) -> Iterator[Provider]:
    for account, dialect in ((payments.wechat, WECHAT), (payments.douyin, DOUYIN)):
        if account is not None:
            yield WeChat(Channel(account, dialect, caller, now))
    if payments.alipay is not None:
        yield Alipay(Gateway(payments.alipay, caller, now))
    if payments.stripe is not None:
        yield Stripe(payments.stripe, caller, now)
    if payments.balance is not None:
        yield Balance(payments.balance, caller, now)
