"""A stream has no gap and no fork, a command is whole and counts once, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import EMPTY, Head, Log, StreamMoved, VerificationError, leaf_digest
from ledger.checking.fsck import fsck, is_sound
from ledger.sequencer import MAX_GROUP_BYTES
from tests.ledger.builders import SIGNER, a_log, append
from tests.ledger.forging import an_entry, forge
from tests.ledger.memory import MemoryStore

FIRST = an_entry(key="first")
SECOND = an_entry(seq=1, prev=leaf_digest(FIRST), key="second")
OTHER = leaf_digest(b"another entry")
ONE_OF_TWO = an_entry("case/2", key="two", part="1/2")
TWO_OF_TWO = an_entry("case/2", 1, leaf_digest(ONE_OF_TWO), "two", "2/2")

# What follows FIRST in a commit of its own, and may not.
WRONG: dict[str, tuple[bytes, ...]] = {
    "a gap": (an_entry(seq=2, prev=leaf_digest(FIRST)),),
    "a fork": (an_entry(seq=0),),
    "a fork in one commit": (SECOND, an_entry(seq=1, prev=leaf_digest(FIRST))),
    "another past": (an_entry(seq=1, prev=OTHER),),
    "a past of nothing": (an_entry("case/2", seq=0, prev=OTHER),),
    "no past": (b"mingan/entry/v2\ncase/1 1 - " + FIRST.split(b" ", 3)[3],),
    "a command twice": (an_entry("case/2", key="first"),),
    "a command twice in one commit": (an_entry("case/2", key="x"), an_entry("case/3", key="x")),
    "a command that breaks off": (ONE_OF_TWO,),
    "a command that another interrupts": (ONE_OF_TWO, SECOND, TWO_OF_TWO),
    "a command without its beginning": (an_entry("case/2", part="2/2"),),
    "a command that begins twice": (
        ONE_OF_TWO,
        an_entry("case/2", 1, leaf_digest(ONE_OF_TWO), "two", "1/2"),
    ),
    "a command over two streams": (ONE_OF_TWO, an_entry("case/3", 0, b"", "two", "2/2")),
    "a command under two keys": (
        ONE_OF_TWO,
        an_entry("case/2", 1, leaf_digest(ONE_OF_TWO), "two", "2/2", "case-1"),
    ),
    "parts of two commands": (
        ONE_OF_TWO,
        an_entry("case/2", 1, leaf_digest(ONE_OF_TWO), "three", "2/2"),
    ),
    "a part of none": (an_entry("case/2", part="0/1"),),
    "more parts than are allowed": (an_entry("case/2", part="1/65537"),),
    "a stream of another alphabet": (an_entry("案/2"),),
    "a stream without a name": (an_entry(""),),
    "a number with a zero before it": (an_entry("case/2", part="01/1"),),
    "a key that could be a path": (an_entry("case/2", kid="../x"),),
    "a command that is no digest": (an_entry("case/2").replace(b"=", b"-"),),
    "no line": (b"mingan/entry/v2\n",),
    "another title": (an_entry("case/2").replace(b"v2", b"v3"),),
    "a map that is none": (an_entry("ledger/map", payload=b"mingan/map/v1\n"),),
    "the map of another log": (
        an_entry("ledger/map", payload=b"mingan/map/v1\n" + b"A" * 43 + b"=\n"),
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_follow_is_never_accepted(what: str) -> None:
    store = MemoryStore()
    forge(store, FIRST)
    log = a_log(store)
    forge(store, *WRONG[what])
    for attempt in (log.catch_up, log.catch_up, lambda: append(log), log.publish):
        with pytest.raises(VerificationError):
            attempt()
    with pytest.raises(VerificationError):
        a_log(store)
    assert not is_sound(fsck(store, SIGNER.vkey))
    assert len(list(store.keys("commit/"))) == 2, "nothing was built on it"


def test_the_same_things_where_they_belong_are_accepted() -> None:
    store = MemoryStore()
    forge(store, FIRST)
    log = a_log(store)
    forge(store, SECOND, ONE_OF_TWO, TWO_OF_TWO)
    assert log.catch_up() == 4
    assert a_log(store).head("case/1") == Head(2, leaf_digest(SECOND))
    assert is_sound(fsck(store, SIGNER.vkey))


def test_after_a_wrong_commit_is_taken_away_nobody_goes_on_from_it() -> None:
    """A process that read it holds heads of no log; only a fresh start may write again."""
    store = MemoryStore()
    forge(store, FIRST)
    log = a_log(store)
    forge(store, an_entry("case/2", key="x"), an_entry("case/3", key="x"))
    with pytest.raises(VerificationError):
        log.catch_up()
    del store.objects["commit/00000000000000000001"]
    with pytest.raises(VerificationError):
        log.append("case/2", log.head("case/2"), [b"onwards"], key="onwards")
    append(a_log(store), "case/2")
    assert is_sound(fsck(store, SIGNER.vkey))


def test_a_command_may_be_longer_than_a_bundle_and_than_a_group() -> None:
    store = MemoryStore()
    log = a_log(store)
    log.append("case/0", EMPTY, [b"short"], key="short")
    payload = bytes(MAX_GROUP_BYTES // 600)
    entries = log.append("case/1", EMPTY, [payload] * 700, key="long")
    log.publish()
    assert [each.part for each in entries] == [(part, 700) for part in range(1, 701)]
    again = a_log(store)
    assert again.recorded("long") == entries
    assert again.append("case/1", EMPTY, [], key="long") == entries
    assert is_sound(fsck(store, SIGNER.vkey))


@pytest.mark.parametrize("published", [False, True])
def test_a_command_repeated_in_another_process_counts_once(published: bool) -> None:
    store = MemoryStore()
    one, two = a_log(store), a_log(store)
    first = one.append("case/1", EMPTY, [b"a", b"b"], key="press")
    if published:
        one.publish()
    assert two.append("case/9", EMPTY, [b"c"], key="press") == first
    assert a_log(store).append("case/9", EMPTY, [b"c"], key="press") == first


Steps = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(1, 3), st.booleans()), max_size=30
)


@settings(max_examples=40, deadline=None)
@given(steps=Steps)
def test_two_writers_and_a_reader_agree_on_every_stream(
    steps: list[tuple[int, int, int, bool]],
) -> None:
    store = MemoryStore()
    logs, model = (a_log(store), a_log(store)), dict[str, list[bytes]]()
    for number, (writer, stream, count, publish) in enumerate(steps):
        log, name = logs[writer], f"case/{stream}"
        _push(log, name, [b"%d.%d" % (number, part) for part in range(count)], f"step {number}")
        model.setdefault(name, []).extend(b"%d.%d" % (number, part) for part in range(count))
        if publish:
            log.publish()
    for log in (*logs, a_log(store)):
        log.catch_up()
        shown = {name: [each.payload for each in log.stream_entries(name)] for name in model}
        assert shown == model


def _push(log: Log, stream: str, payloads: list[bytes], key: str) -> None:
    try:
        log.append(stream, log.head(stream), payloads, key=key)
    except StreamMoved as moved:
        log.append(stream, moved.head, payloads, key=key)


def test_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that starts like another is another."""
    log = a_log(MemoryStore())
    calls: list[Callable[[], object]] = [
        lambda: log.append("case/1", EMPTY, [b"x"], key="1"),
        lambda: log.append("case/11", EMPTY, [b"x"], key="11"),
        lambda: log.append("case", EMPTY, [b"x"], key="case"),
    ]
    for call in calls:
        call()
    assert [log.head(stream).length for stream in ("case/1", "case/11", "case", "c")] == [
        1,
        1,
        1,
        0,
    ]
