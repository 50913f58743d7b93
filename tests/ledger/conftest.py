"""A log in a folder of its own, for the tests that need nothing special."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger import Log
from ledger.stores.folder import FolderStore
from tests.ledger.builders import a_log, a_store


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return a_store(tmp_path)


@pytest.fixture
def log(store: FolderStore) -> Log:
    return a_log(store)
