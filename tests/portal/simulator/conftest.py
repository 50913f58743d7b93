"""A shop for each test; the keys are made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.simulator.settings import write_settings
from tests.portal.simulator.shops import Shop


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulator")
    write_settings(folder, "http://simulator.invalid", notices="")
    return folder / "keys"


@pytest.fixture
def shop(tmp_path: Path, keys: Path) -> Iterator[Shop]:
    (tmp_path / "keys").symlink_to(keys)
    shop = Shop(tmp_path)
    yield shop
    shop.client.close()
