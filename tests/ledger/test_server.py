"""The read-only server: what it shows, how it may be cached, what it never shows."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from ledger.blob import blob_key
from ledger.mirroring.server import LogServer
from ledger.stores.folder import FolderStore
from tests.ledger.builders import ORIGIN, a_busy_log, a_store
from tests.ledger.websites import serving


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    store = a_store(tmp_path)
    a_busy_log(store).close()
    return store


@pytest.fixture
def server(store: FolderStore) -> Iterator[LogServer]:
    with serving(store) as server:
        yield server


def ask(server: LogServer, path: str, method: str = "GET") -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(*server.server_address[:2], timeout=120)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def test_the_checkpoint_is_plain_text_and_never_cached(
    server: LogServer, store: FolderStore
) -> None:
    answer, body = ask(server, "/checkpoint")
    assert (answer.status, body) == (200, store.get("checkpoint"))
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("folder", ["tile/", "commit/", "checkpoints/", "blob/"])
def test_what_never_changes_may_be_kept_for_ever(
    server: LogServer, store: FolderStore, folder: str
) -> None:
    for key in store.keys(folder):
        answer, body = ask(server, f"/{key}")
        assert (answer.status, body) == (200, store.get(key))
        assert "immutable" in answer.headers["Cache-Control"]


def test_tiles_are_octets_as_tlog_tiles_says(server: LogServer, store: FolderStore) -> None:
    for key in store.keys("tile/"):
        answer, _ = ask(server, f"/{key}")
        assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "path",
    [
        "/keys/case-1",
        "/probe/00",
        "/.lock",
        "/../store/keys/case-1",
        "/tile/0/../../keys/case-1",
        "/%2e%2e/keys/case-1",
        "/tile/0/000.p/0",
        "/tile/9",
        "/checkpoint/",
        "/commit/1",
        "/blob/" + 64 * "Z",
        "/nothing",
    ],
)
def test_what_is_not_for_everybody_is_not_there(server: LogServer, path: str) -> None:
    assert ask(server, path)[0].status == 404


def test_a_missing_tile_is_not_found(server: LogServer) -> None:
    assert ask(server, "/tile/0/999")[0].status == 404


def test_head_says_how_long_and_sends_nothing(server: LogServer, store: FolderStore) -> None:
    answer, body = ask(server, "/log.vkey", "HEAD")
    assert (answer.status, body) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(store.get("log.vkey"))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_written(server: LogServer, store: FolderStore, method: str) -> None:
    before = {key: store.get(key) for key in store.keys("")}
    answer, _ = ask(server, "/checkpoint", method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert {key: store.get(key) for key in store.keys("")} == before


def test_a_large_blob_arrives_whole(store: FolderStore, server: LogServer, tmp_path: Path) -> None:
    content = bytes(range(256)) * 12_345
    (tmp_path / "film").write_bytes(content)
    name = sha256(content).hexdigest()
    store.add_file(blob_key(name), tmp_path / "film")
    assert ask(server, f"/blob/{name}")[1] == content


def test_a_person_is_told_what_this_is_in_two_languages(server: LogServer) -> None:
    answer, body = ask(server, "/")
    page = body.decode()
    assert answer.headers["Content-Type"].startswith("text/html")
    assert ORIGIN in page
    assert "只增不改" in page
    assert "append-only" in page


def test_a_store_that_is_away_is_not_taken_for_an_empty_one(
    server: LogServer, store: FolderStore, tmp_path: Path
) -> None:
    (tmp_path / "store").rename(tmp_path / "unmounted")
    assert ask(server, "/checkpoint")[0].status == 503
