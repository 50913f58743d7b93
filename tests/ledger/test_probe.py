"""Who may hold a ledger: real servers and gateways that break one promise each are refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import pytest

from ledger import StoreLies, StoreUnavailable, open_store
from ledger.stores.folder import FolderStore
from ledger.stores.probe import probe
from ledger.stores.verdict import Check, Outcome, Verdict
from tests.otherstores import (
    Answer,
    Behaviour,
    Request,
    Send,
    forgetting,
    refusal,
    running_front,
    running_moto,
    running_rclone,
)
from tests.seaweed import Seaweed, seaweed

__all__ = ["seaweed"]

CHECKSUM = "x-amz-checksum-sha256"


@pytest.fixture
def known(seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch) -> Seaweed:
    """The real server, whose credentials all the others know."""
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("ledger.stores.s3._FIRST_PAUSE_SECONDS", 0.001)
    return seaweed


def refused(server: Seaweed) -> str:
    """The sentence with which this server is refused."""
    with pytest.raises(StoreLies) as lie:
        open_store(server.store_url(server.new_bucket(), "log"))
    return str(lie.value)


def test_rclone_which_ignores_every_condition_is_refused(known: Seaweed, tmp_path: Path) -> None:
    with running_rclone(tmp_path / "buckets") as server:
        sentence = refused(server)
    assert sentence.startswith("bucket mingan-")
    for ignored in ("If-None-Match", "If-Match", "checksums"):
        assert f"it ignores {ignored}" in sentence


def test_moto_which_ignores_checksums_is_refused_for_that_alone(known: Seaweed) -> None:
    with running_moto() as server:
        sentence = refused(server)
    assert sentence.endswith(
        "cannot hold a ledger: it ignores checksums: a body that was damaged on the way would be "
        "kept for ever"
    )


@pytest.mark.parametrize("object_lock", [False, True])
def test_a_gateway_that_changes_nothing_is_welcome(known: Seaweed, object_lock: bool) -> None:
    with running_front(known, forgetting("x-nothing")) as server:
        url = server.store_url(known.new_bucket(object_lock=object_lock), "log")
        verdict = open_store(url).verdict
    assert verdict is not None
    assert [check.outcome for check in verdict.checks] == [Outcome.HELD] * 8


def slow_lists(request: Request, send: Send) -> Answer:
    """Lists what was there a minute ago: nothing."""
    if "list-type=2" not in request.path:
        return send(request)
    return Answer(200, {"content-type": "application/xml"}, b"<ListBucketResult/>")


def bad_deletes(request: Request, send: Send) -> Answer:
    return Answer(204, {}) if request.method == "DELETE" else send(request)


def no_ranges(request: Request, send: Send) -> Answer:
    return send(request.without("range"))


def unquoted_tags(request: Request, send: Send) -> Answer:
    """Compares the tag with its quotes to one without, and finds them different every time."""
    if "if-match" in request.headers:
        return refusal(412, "PreconditionFailed")
    return send(request)


def always_there(request: Request, send: Send) -> Answer:
    if "if-none-match" in request.headers:
        return refusal(412, "PreconditionFailed")
    return send(request)


@pytest.mark.parametrize(
    ("behave", "reasons"),
    [
        (forgetting("if-none-match"), ["it ignores If-None-Match: two writers"]),
        (
            forgetting("if-match"),
            ["it ignores If-Match: a slow writer", "it ignores If-Match where there is no object"],
        ),
        (forgetting(CHECKSUM), ["it ignores checksums"]),
        (slow_lists, ["it does not list"]),
        (no_ranges, ["it does not give back"]),
        (unquoted_tags, ["it refuses to replace a pointer"]),
        (bad_deletes, ["a deleted object is still there"]),
    ],
)
def test_a_gateway_that_breaks_one_promise_is_refused_for_it(
    known: Seaweed, behave: Behaviour, reasons: list[str]
) -> None:
    with running_front(known, behave) as server:
        sentence = refused(server)
    assert "cannot hold a ledger: " in sentence
    said = sentence.partition("cannot hold a ledger: ")[2].split("; ")
    assert [reason for reason in reasons if not any(each.startswith(reason) for each in said)] == []
    if behave is not bad_deletes:  # after which nothing is missing that should be
        assert len(said) == len(reasons)


def test_a_gateway_that_ignores_conditions_only_where_versions_are_kept_is_refused(
    known: Seaweed,
) -> None:
    """As a well-known server does: the plain bucket holds, the one for a ledger does not."""
    plain, locking = known.new_bucket(), known.new_bucket(object_lock=True)

    def behave(request: Request, send: Send) -> Answer:
        return send(request.without("if-none-match") if locking in request.path else request)

    with running_front(known, behave) as server:
        open_store(server.store_url(plain))
        with pytest.raises(StoreLies, match="ignores If-None-Match"):
            open_store(server.store_url(locking))


def test_a_server_that_says_every_key_exists_gets_no_ledger(known: Seaweed) -> None:
    with running_front(known, always_there) as server, pytest.raises(StoreUnavailable):
        open_store(server.store_url(known.new_bucket()))


def test_a_server_that_does_not_know_conditions_is_refused_at_once(known: Seaweed) -> None:
    def behave(request: Request, send: Send) -> Answer:
        unknown = request.method == "PUT" and "if-none-match" in request.headers
        return refusal(501, "NotImplemented") if unknown else send(request)

    with running_front(known, behave) as server:
        url = server.store_url(known.new_bucket())
        with pytest.raises(StoreUnavailable, match="NotImplemented"):
            open_store(url)


@pytest.fixture
def looking_first(known: Seaweed) -> Iterator[Seaweed]:
    """Looks, and writes a moment later: holds for one writer, not for two."""
    counting, seen = Lock(), dict[str, int]()

    def behave(request: Request, send: Send) -> Answer:
        if not request.headers.keys() & {"if-none-match", "if-match"}:
            return send(request)
        head = Request("HEAD", request.path, {}, b"")
        there = send(head)
        wanted = request.headers.get("if-match")
        tag = next((v for k, v in there.headers.items() if k.lower() == "etag"), None)
        if (there.status == 200) if wanted is None else (tag != wanted):
            return refusal(412, "PreconditionFailed")
        with counting:
            seen[request.path] = seen.get(request.path, 0) + 1
        time.sleep(0.3)
        return send(request.without("if-none-match", "if-match"))

    with running_front(known, behave) as server:
        yield server


def test_who_looks_first_and_writes_later_is_found_by_a_race(
    looking_first: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.stores.questions._ROUNDS", 2)
    store = open_store(looking_first.store_url(looking_first.new_bucket()))
    assert store.verdict is not None
    assert store.verdict.ok, "one question after the other does not show it"
    verdict = probe(store, deep=True)
    assert [check.name for check in verdict.lies] == ["race to create", "race to replace"]


def test_a_server_that_takes_locks_and_forgets_them_is_found_by_a_deep_probe(
    known: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.stores.questions._ROUNDS", 1)
    forget = forgetting("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date")
    with running_front(known, forget) as server:
        store = open_store(server.store_url(server.new_bucket(object_lock=True)))
        verdict = probe(store, deep=True)
    assert [check.name for check in verdict.lies] == ["lock"]


def test_nothing_is_left_of_a_probe_that_was_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path / "store")

    def fail(*_: object) -> bool:
        raise StoreUnavailable("the disk is gone for a moment")

    monkeypatch.setattr(store, "swap", fail)
    with pytest.raises(StoreUnavailable, match="for a moment"):
        probe(store)
    assert list(store.keys("")) == []


def test_a_folder_that_ignores_what_is_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As file systems of a network do, which pretend to link."""

    def overwrite(source: str, path: Path, **_: object) -> None:
        path.write_bytes(Path(source).read_bytes())

    monkeypatch.setattr("ledger.stores.newfile.os.link", overwrite)
    with pytest.raises(StoreLies, match=r"the folder .* cannot hold a ledger: it ignores"):
        open_store(f"folder:{tmp_path / 'store'}")


def test_a_verdict_is_a_text_that_names_no_place() -> None:
    checks = (
        Check("read", Outcome.HELD, "what was stored is read at once"),
        Check("checksum", Outcome.SKIPPED, "this kind of store has no such thing"),
    )
    verdict = Verdict("folder", checks)
    assert verdict.ok
    assert verdict.as_text() == (
        "mingan/verdict/v1\n"
        "folder\n"
        "held read: what was stored is read at once\n"
        "skipped checksum: this kind of store has no such thing\n"
    )
    lie = Check("list", Outcome.BROKEN, "it does not list what was just stored")
    assert Verdict("folder", (*checks, lie)).lies == (lie,)
