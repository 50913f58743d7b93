"""What the simulator shares with the portal, its files, and its page."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from portal.clock import Clock
from portal.config import Config
from portal.providers.settings import read_payments
from portal.simulator.company import demo_simulator, prepare_simulator
from portal.simulator.server import AlreadyRunning, _alone, run
from portal.simulator.settings import write_settings
from tests.house.source import imports_of, our_modules
from tests.portal.simulator.shops import Shop

MODULES = [path for path in our_modules("portal") if "simulator" in path.parts]
# The demo's wiring, which starts a process; nothing of the wire is in it.
WIRING = {"company.py", "running.py"}
SHARED = {"ledger.web"}
SIMULATOR = (sys.executable, "-m", "portal", "simulator")


def test_it_shares_no_code_with_what_it_is_to_prove() -> None:
    foreign = {
        f"{path.name}: {line.module}"
        for path in MODULES
        if path.name not in WIRING
        for line in imports_of(path)
        if line.top in ("portal", "ledger", "reviewers")
        if not line.module.startswith("portal.simulator") and line.module not in SHARED
    }
    assert len(MODULES) > 20
    assert foreign == set()


def test_secrets_are_their_owners_alone(tmp_path: Path, keys: Path) -> None:
    (tmp_path / "keys").symlink_to(keys)
    path = write_settings(tmp_path, "http://simulator.invalid", notices="")
    files = [path, *keys.iterdir()]
    assert len(files) > 15
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_settings_can_be_written_again_and_keep_the_keys(tmp_path: Path, keys: Path) -> None:
    before = {file.name: file.read_bytes() for file in keys.iterdir()}
    (tmp_path / "keys").symlink_to(keys)
    text = write_settings(tmp_path, "http://127.0.0.1:1", notices="http://a").read_text()
    assert write_settings(tmp_path, "http://127.0.0.1:1", notices="http://a").read_text() == text
    assert {file.name: file.read_bytes() for file in keys.iterdir()} == before


def test_what_wechat_takes_its_customer_for_stays_until_it_is_said_again(
    tmp_path: Path, keys: Path
) -> None:
    (tmp_path / "keys").symlink_to(keys)
    said, environ = list[bool](), os.environ | {"MINGAN_HOME": str(tmp_path / "home")}
    for more in ((), ("--ecommerce",), ()):
        command = (*SIMULATOR, "--port", "0", "--folder", str(tmp_path), *more)
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            path = process.stdout.readline().removeprefix("settings ").strip()
            process.stdout.readline()
            process.terminate()
        account = read_payments(path).wechat
        assert account is not None
        said.append(account.ecommerce)
    assert said == [False, True, True]


def test_a_folder_has_one_server(tmp_path: Path) -> None:
    with _alone(tmp_path), pytest.raises(AlreadyRunning), _alone(tmp_path):
        raise AssertionError("a second server began")


def test_a_port_that_is_taken_is_called_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(OSError, match="Address already in use"):
            run(tmp_path, port, Clock().now, notices="http://127.0.0.1:8460")


def test_requests_at_once_move_money_once(shop: Shop) -> None:
    shop.pay()
    threads = [threading.Thread(target=shop.refund, args=("R1", 1)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shop.moves()) == 1


@pytest.mark.parametrize(
    ("language", "title"), [("zh", "模拟支付机构，没有真的动钱"), ("en", "no real money")]
)
def test_the_page_shows_what_moved_and_says_that_it_is_no_money(
    shop: Shop, language: str, title: str
) -> None:
    shop.pay()
    shop.refund("R1<b>", 1)
    shop.refund("R1", 12345)
    shop.refund("R2", 1234)
    shop.tell("faults", kind="SLOW", provider="alipay")
    page = shop.client.get("/", params={"lang": language})
    assert title in page.text
    assert "12.34" in page.text
    assert "R1&lt;b&gt;" not in page.text  # it was never a number
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_its_forms_set_faults_manners_and_balance(shop: Shop) -> None:
    post = shop.client.post
    assert post("/page/faults", data={"kind": "BUSY", "times": "2"}).status_code == 303
    assert post("/page/mode", data={"spacing": "1"}).status_code == 303
    assert shop.client.get("/simulator/mode").json()["idempotent"] is False
    assert post("/page/balance", data={"provider": "wechat", "yuan": "0.50"}).status_code == 303
    shop.pay()
    assert [shop.refund("R1", 51).status_code for _ in range(3)] == [429, 429, 403]
    assert post("/page/clear").status_code == 303
    for path, form in (("faults", {"kind": "NOVEL"}), ("balance", {"yuan": "x"})):
        assert post(f"/page/{path}", data=form).status_code == 400


def test_only_a_demo_has_a_simulator_beside_it(tmp_path: Path) -> None:
    real = Config.for_folder(tmp_path / "real")
    prepare_simulator(real)
    with demo_simulator(real) as settings:
        assert settings is None
    assert not (tmp_path / "real" / "simulator").exists()


def test_a_portal_with_providers_of_its_own_starts_none(tmp_path: Path, keys: Path) -> None:
    (tmp_path / "keys").symlink_to(keys)
    path = write_settings(tmp_path, "http://127.0.0.1:1", notices="")
    demo = Config.for_folder(tmp_path / "demo", rehearsal=True)
    prepare_simulator(demo)
    with demo_simulator(replace(demo, payments=read_payments(path))) as settings:
        assert settings is None
