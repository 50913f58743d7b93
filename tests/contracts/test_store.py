"""One suite for every store: a folder, buckets of a real server in three guises, a simulation."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ledger import NotStored, Store, StoreLies, StoreUnavailable, open_store
from ledger.checking.fsck import fsck, is_sound
from ledger.stores.dialects import AWS, OSS
from ledger.stores.folder import FolderStore
from ledger.stores.probe import probe
from ledger.stores.retention import Wish
from ledger.stores.s3 import S3Store
from tests.ledger.builders import SIGNER, a_busy_log, a_log
from tests.otherstores import like_oss, running_front, running_moto
from tests.seaweed import Seaweed, seaweed

__all__ = ["seaweed"]

# moto is read and written here, but no ledger opens it: it ignores wrong checksums, and looks
# whether a key exists before it writes, without a lock in between.
STORES = ("folder", "moto", "seaweed", "locked", "oss")
ATOMIC_STORES = ("folder", "seaweed", "locked", "oss")


@pytest.fixture(scope="module")
def moto() -> Iterator[Seaweed]:
    with running_moto() as server:
        yield server


@dataclass(frozen=True)
class Bucket:
    """A bucket for all tests; each test has a prefix of its own in it."""

    server: Seaweed
    client: Any
    name: str

    def store(self, options: str = "") -> S3Store:
        dialect = OSS if "dialect=oss" in options else AWS
        return S3Store(self.client, self.name, secrets.token_hex(8), dialect=dialect)

    def url(self, options: str = "") -> str:
        return self.server.store_url(self.name, f"some/{secrets.token_hex(8)}") + options


@pytest.fixture(scope="module")
def moto_bucket(moto: Seaweed) -> Iterator[Bucket]:
    yield from _bucket(moto)


@pytest.fixture(scope="module")
def seaweed_bucket(seaweed: Seaweed) -> Iterator[Bucket]:
    yield from _bucket(seaweed)


@pytest.fixture(scope="module")
def locked_bucket(seaweed: Seaweed) -> Iterator[Bucket]:
    yield from _bucket(seaweed, object_lock=True)


@pytest.fixture(scope="module")
def oss_bucket(seaweed: Seaweed) -> Iterator[Bucket]:
    with running_front(seaweed, like_oss) as server:
        yield from _bucket(server)


def _bucket(server: Seaweed, *, object_lock: bool = False) -> Iterator[Bucket]:
    client = server.client()
    yield Bucket(server, client, server.new_bucket(object_lock=object_lock))
    client.close()


OPTIONS = {"locked": "&lock=COMPLIANCE&retain=1", "oss": "&dialect=oss"}


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return FolderStore(tmp_path / "store")
    bucket: Bucket = request.getfixturevalue(f"{request.param}_bucket")
    store = bucket.store(OPTIONS.get(request.param, ""))
    if request.param == "locked":
        store.retain(Wish("COMPLIANCE", 1))
    return store


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "folder":
        return f"folder:{tmp_path / 'store'}"
    bucket: Bucket = request.getfixturevalue(f"{request.param}_bucket")
    for name, value in bucket.server.environment.items():
        monkeypatch.setenv(name, value)
    return bucket.url(OPTIONS.get(request.param, ""))


def for_stores(*kinds: str) -> Any:
    return pytest.mark.parametrize("store", kinds, indirect=True)


@for_stores(*STORES)
def test_what_is_created_can_be_read_whole_and_in_parts(store: Store) -> None:
    content = bytes(range(256)) * 40
    assert store.create("commit/00000000000000000000", content)
    key = "commit/00000000000000000000"
    assert store.get(key) == content
    assert store.size(key) == len(content)
    assert store.read(key, 0, 10) == content[:10]
    assert store.read(key, 300, 1000) == content[300:1300]
    assert store.read(key, len(content) - 5, 100) == content[-5:]
    assert store.read(key, len(content), 10) == b""
    assert store.read(key, 5, 0) == b""


@for_stores(*STORES)
def test_a_key_is_created_once(store: Store) -> None:
    assert store.create("a", b"mine")
    assert not store.create("a", b"theirs")
    assert store.create("a", b"mine"), "repeating the same is what a lost answer asks for"
    assert store.get("a") == b"mine"


@for_stores(*STORES)
def test_what_is_kept_is_created_like_everything_else(store: Store) -> None:
    assert store.create("commit/0", b"mine", keep=True)
    assert store.create("commit/0", b"mine", keep=True)
    assert not store.create("commit/0", b"theirs", keep=True)
    assert store.get("commit/0") == b"mine"


@for_stores(*STORES)
def test_many_objects_are_created_at_once_and_those_of_others_are_named(store: Store) -> None:
    store.create("tile/2", b"theirs")
    store.create("tile/x001/3", b"3")
    objects = [(f"tile/{number}", b"%d" % number) for number in range(130)]
    objects += [(f"tile/x001/{number}", b"%d" % number) for number in range(5)]
    assert store.create_all(iter(objects), keep=True) == ["tile/2"]
    assert store.get("tile/2") == b"theirs"
    assert {key: store.get(key) for key, _ in objects if key != "tile/2"} == {
        key: content for key, content in objects if key != "tile/2"
    }
    assert store.create_all([]) == []


@for_stores("folder", "seaweed")
def test_many_objects_are_taken_as_they_come(store: Store) -> None:
    """A whole log is written again in memory that does not grow with it."""
    asked = 0

    def objects() -> Iterator[tuple[str, bytes]]:
        nonlocal asked
        for asked in range(400):
            yield f"tile/{asked}", b""
            if asked % 80 == 0:
                assert asked - len(list(store.keys("tile/"))) < 200

    assert store.create_all(objects()) == []
    assert asked == 399


@for_stores(*STORES)
def test_an_empty_object_is_an_object(store: Store) -> None:
    assert store.create("empty", b"")
    assert (store.get("empty"), store.size("empty")) == (b"", 0)
    assert store.read("empty", 0, 10) == b""
    assert not store.create("empty", b"full")


@for_stores(*STORES)
def test_what_is_not_there_is_said_to_be_missing(store: Store) -> None:
    store.create("tile/0/001.p/5", b"x")
    for key in ("a", "tile/0/001", "tile", "tile/0/001.p", "tile/0/001.p/5/6"):
        for ask in (store.get, store.size, lambda each: store.read(each, 0, 1)):
            with pytest.raises(NotStored):
                ask(key)


@for_stores(*STORES)
def test_a_pointer_is_replaced_only_from_what_it_was(store: Store) -> None:
    assert not store.replace("pointer", b"2", b"1")
    assert store.replace("pointer", b"1", None)
    assert not store.replace("pointer", b"other", None)
    assert not store.replace("pointer", b"3", b"2")
    assert store.replace("pointer", b"2", b"1")
    assert store.get("pointer") == b"2"


@for_stores(*STORES)
def test_every_key_is_listed_once(store: Store) -> None:
    keys = ["a/2", "a/10", "a/b.c", "a/b/c", "a/b/d", "a-b", "ab", "b/1"]
    for key in keys:
        store.create(key, b"")
    assert sorted(store.keys("")) == sorted(keys)
    assert sorted(store.keys("a/")) == ["a/10", "a/2", "a/b.c", "a/b/c", "a/b/d"]
    assert sorted(store.keys("a/b")) == ["a/b.c", "a/b/c", "a/b/d"]
    assert list(store.keys("nothing/")) == []


@for_stores(*STORES)
def test_a_folder_of_keys_is_listed_in_order_and_from_where_one_asks(store: Store) -> None:
    keys = [f"checkpoints/{number:020}" for number in (100, 7, 20, 1)]
    for key in keys:
        store.create(key, b"")
    assert list(store.keys("checkpoints/")) == sorted(keys)
    assert list(store.keys("checkpoints/", keys[1])) == sorted(keys)[2:]
    assert list(store.keys("checkpoints/", keys[0])) == []


@for_stores(*STORES)
def test_a_deleted_object_is_gone(store: Store) -> None:
    store.create("keys/one", b"secret")
    store.delete("keys/one")
    store.delete("keys/one")
    with pytest.raises(NotStored):
        store.get("keys/one")
    assert store.create("keys/one", b"new")


@for_stores(*STORES)
def test_nothing_is_irregular_about_what_was_created_and_deleted(store: Store) -> None:
    store.create("commit/0", b"a commit", keep=True)
    store.create("keys/one", b"secret")
    store.create("keys/two", b"secret")
    store.delete("keys/one")
    store.create("keys/one", b"another secret")
    store.delete("keys/two")
    assert list(store.irregular("")) == []


@for_stores(*STORES)
def test_files_are_stored_whole_and_again_without_harm(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "film"
    content = secrets.token_bytes(3_000_000)
    path.write_bytes(content)
    store.add_file("blob/film", path)
    store.add_file("blob/film", path)
    assert store.size("blob/film") == len(content)
    assert store.read("blob/film", 2_000_000, 64) == content[2_000_000:2_000_064]
    path.write_bytes(content[:-1])
    with pytest.raises(StoreLies):
        store.add_file("blob/film", path)


@for_stores(*STORES)
def test_a_key_that_could_mean_another_place_is_refused(store: Store) -> None:
    for key in ("", "/a", "a/", "../a", "a/../b", "a//b", ".tmp/x", "a/.b", "a b", "案", "x" * 501):
        for ask in (store.get, store.size, store.delete, lambda each: store.create(each, b"")):
            with pytest.raises(ValueError, match="not a key"):
                ask(key)


@for_stores(*ATOMIC_STORES)
def test_of_many_racing_creators_one_wins(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        for key in ("one", "two", "three"):
            won = list(pool.map(store.create, [key] * 16, [b"%d" % n for n in range(16)]))
            assert won.count(True) == 1
            assert store.get(key) == b"%d" % won.index(True)


@for_stores(*ATOMIC_STORES)
def test_of_many_racing_replacers_one_wins(store: Store) -> None:
    store.create("pointer", b"start")
    with ThreadPoolExecutor(16) as pool:
        contents = [b"%d" % n for n in range(16)]
        replaced = list(pool.map(lambda each: store.replace("pointer", each, b"start"), contents))
    assert replaced.count(True) == 1
    assert store.get("pointer") == b"%d" % replaced.index(True)


@pytest.mark.parametrize("url", ATOMIC_STORES, indirect=True)
def test_a_store_that_keeps_its_promises_is_opened_with_a_verdict(url: str) -> None:
    store = open_store(url)
    assert store.verdict is not None
    assert store.verdict.ok
    assert list(store.keys("")) == [], "the probes are gone"
    assert list(store.irregular("")) == []
    again = open_store(url)
    assert again.verdict is not None
    assert again.verdict.as_text() == store.verdict.as_text(), "it is recorded once"
    assert open_store(url, writing=False).verdict is None


# Half a minute with a lock bucket; its races to create are run above in any case.
LOCKED = pytest.param(
    "locked",
    marks=pytest.mark.skipif(
        os.environ.get("TEST_KILLS") != "all", reason="TEST_KILLS=all runs it"
    ),
)


@pytest.mark.parametrize("url", ["folder", "seaweed", LOCKED], indirect=True)
def test_of_racing_writers_one_wins_in_a_store_that_is_probed_deeply(url: str) -> None:
    store = open_store(url)
    verdict = probe(store, deep=True)
    assert verdict.ok, verdict.as_text()
    assert "race to create" in verdict.as_text()
    assert list(store.keys("")) == []


@pytest.mark.parametrize("url", ATOMIC_STORES, indirect=True)
def test_a_log_lives_at_a_url_and_checks_out(url: str) -> None:
    log = a_busy_log(open_store(url))
    again = a_log(open_store(url))
    assert list(again.entries(0, log.size)) == list(log.entries(0, log.size))
    findings = list(fsck(open_store(url, writing=False), SIGNER.vkey))
    assert is_sound(findings), "\n".join(map(str, findings))


@pytest.mark.parametrize(
    "url",
    ["", "store", "folder:relative", "folder://host/path", "s3:///prefix", "ftp://a/b",
     "s3://bucket/prefix?acl=public", "s3://bucket/p?dialect=gcs", "s3://bucket/p?lock=FOREVER",
     "s3://bucket/p?retain=-1", "s3://bucket/p?retain=ten", "s3://bucket/p?retain=99999"],
)  # fmt: skip
def test_a_url_that_means_no_store_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="store"):
        open_store(url)


def test_checking_a_folder_never_makes_one(tmp_path: Path) -> None:
    with pytest.raises(NotStored):
        open_store(f"folder:{tmp_path / 'nowhere'}", writing=False)
    assert not list(tmp_path.iterdir())


def test_a_bucket_that_does_not_exist_is_an_unavailable_store(
    seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    url = seaweed.store_url("no-such-bucket")
    with pytest.raises(StoreUnavailable, match="no-such-bucket"):
        open_store(url)
    reader = open_store(url, writing=False)
    for ask in (reader.get, reader.size, lambda key: list(reader.keys(key))):
        with pytest.raises(StoreUnavailable, match="no-such-bucket"):
            ask("commit/0")


def test_a_server_that_is_not_there_is_an_unavailable_store(
    seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("ledger.stores.s3.time.sleep", lambda _: None)
    with pytest.raises(StoreUnavailable):
        open_store("s3://bucket/prefix?endpoint=http://127.0.0.1:9")
