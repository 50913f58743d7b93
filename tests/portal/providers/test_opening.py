"""A house's providers: from its settings, or the simulator in its own process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from portal.clock import Clock
from portal.config import Config
from portal.providers.opening import Providers, open_providers
from portal.providers.values import NotAvailable, Outcome, Transfer
from tests.portal.providers.peers import a_transfer

NAMES = ("wechat", "douyin", "alipay", "stripe", "balance")


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Providers:
    """Those of a house without settings; their keys are made once."""
    return open_providers(Config.for_folder(tmp_path_factory.mktemp("home")), Clock())


def _transfer(name: str, number: str = "R20260000001n1a1") -> Transfer:
    txn = {"stripe": "pi_1", "wechat": "420001"}.get(name, f"{name}-1")
    return a_transfer(number=number, provider_txn=txn, paid_at="")


def test_opening_makes_nothing_before_the_first_use(tmp_path: Path) -> None:
    open_providers(Config.for_folder(tmp_path), Clock())
    assert not (tmp_path / "simulator").exists()


def test_the_simulator_is_all_providers_and_says_so(providers: Providers) -> None:
    assert sorted(provider.name for provider in providers) == sorted(NAMES)
    assert all(provider.simulated for provider in providers)


@pytest.mark.parametrize("name", NAMES)
def test_a_refund_runs_over_the_whole_protocol(providers: Providers, name: str) -> None:
    provider, transfer = providers.of(name), _transfer(name)
    assert provider.query(transfer).outcome is Outcome.NOT_FOUND
    first = provider.send(transfer)
    assert first.outcome is Outcome.SUCCESS
    found = provider.query(transfer)
    assert (found.outcome, found.amount_fen, found.verified) == (Outcome.SUCCESS, 1200, True)
    assert found.provider_ref == first.provider_ref
    assert provider.send(transfer).outcome in (Outcome.SUCCESS, Outcome.UNKNOWN)


@pytest.mark.parametrize("name", ["wechat", "douyin", "alipay", "balance"])
def test_a_payout_runs_over_the_whole_protocol(providers: Providers, name: str) -> None:
    provider = providers.of(name)
    payout = replace(_transfer(name, "R20260000001p1a1"), kind="PAYOUT", amount_fen=9900)
    assert provider.send(payout).outcome is Outcome.SUCCESS
    assert provider.query(payout).amount_fen == 9900


def test_the_same_number_with_other_content_is_refused(providers: Providers) -> None:
    provider, transfer = providers.of("wechat"), _transfer("wechat", "R20260000007n1a1")
    provider.send(transfer)
    other = provider.send(replace(transfer, amount_fen=1))
    assert other.outcome in (Outcome.REFUSED, Outcome.BUSY)


def test_unionpay_is_known_and_not_available(providers: Providers) -> None:
    with pytest.raises(NotAvailable, match="UnionPay"):
        providers.of("unionpay")
    with pytest.raises(NotAvailable):
        providers.named("unionpay").send(a_transfer())
    with pytest.raises(NotAvailable, match="no settings"):
        providers.of("paypal")


def test_recourse_is_there_where_the_provider_has_it(providers: Providers) -> None:
    assert providers.recourse("wechat")
    with pytest.raises(NotAvailable):
        providers.recourse("alipay")
