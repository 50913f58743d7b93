"""Commands that change a log: init, append, publish, erase. They need its private keys."""

from __future__ import annotations

import secrets
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from ledger.checkpoint import Checkpoint
from ledger.commands.desk import Desk, Endorsers, read_vkeys, store_url, writing
from ledger.commands.intake import chunks, read_all, sealed_drafts
from ledger.commands.report import CannotDo, Report
from ledger.commands.secret import secrets_of
from ledger.encoding import to_base64
from ledger.entry import Entry, Head
from ledger.errors import StreamMoved, Unconfirmed, VerificationError
from ledger.log import Log
from ledger.note import check_name
from ledger.seal import DataKey, seal_payloads
from ledger.stores.opening import open_store
from ledger.witnessing.policy import parse_policy, read_witnessed

# Somebody else appends to the same stream all the time.
_MOST_TRIES = 100

Seal = Callable[[Head, Sequence[bytes]], tuple[Sequence[bytes], str]]


def init(options: Namespace, report: Report) -> bool:
    """Make a log: its keys, and the store with its public keys. Repeating it changes nothing."""
    check_name(options.origin)
    _expect_no_other(options)
    place = secrets_of(options.origin, options.secrets)
    store = open_store(store_url(options.store))
    signer = place.make(options.origin)
    Log.open(store, signer).close()
    report.say(f"the log {options.origin} is in {options.store}")
    report.say(f"its private keys are in {place.folder}: keep a copy apart from the store")
    for verifier in signer.verifiers:
        report.say(verifier.vkey)
    vkeys = [verifier.vkey for verifier in signer.verifiers]
    report.add(origin=options.origin, vkeys=vkeys, secrets=str(place.folder))
    return True


def append(options: Namespace, report: Report) -> bool:
    """Add one entry, or one for each line."""
    key = options.key or secrets.token_hex(16)
    report.add(stream=options.stream, key=key)
    with writing(options.store, options.secrets) as desk:
        contents = chunks(options.file) if options.lines else iter([[read_all(options.file)]])
        runs = list(_append_chunks(desk, options, key, contents))
    for run in runs:
        report.say(_run_text(run, options.stream))
    report.add(**_runs_facts(runs))
    return True


def publish(options: Namespace, report: Report) -> bool:
    """Sign what was appended, with witnesses and a time stamp if they are named."""
    endorsers = Endorsers(options.policy, options.require_witnesses, options.tsa)
    if endorsers.required and endorsers.policy is None:
        raise CannotDo("nobody is required to sign", "name the witnesses with --policy")
    with writing(options.store, options.secrets, endorsers) as desk:
        checkpoint = desk.log.publish()
        report.say(checkpoint.text.rstrip("\n"))
        _tell_witnesses(desk.log, report)
        stamp = desk.log.timestamp(checkpoint.size)
        if desk.log.stamp_error:
            report.say(f"no time stamp: {desk.log.stamp_error}")
        _expect_quorum(endorsers, checkpoint, desk.log)
    report.add(size=checkpoint.size, root=to_base64(checkpoint.root), checkpoint=checkpoint.text)
    report.add(stamped=stamp is not None)
    return True


def _expect_quorum(endorsers: Endorsers, checkpoint: Checkpoint, log: Log) -> None:
    """What was published before, without them, is not signed a second time."""
    if not endorsers.required or endorsers.policy is None:
        return
    try:
        policy = parse_policy(endorsers.policy.read_bytes())
        read_witnessed(checkpoint.text, policy, log.verifiers)
    except VerificationError as error:
        raise CannotDo(
            f"{checkpoint.size} entries were published before without the quorum: {error}",
            "append something and publish again: witnesses sign the newest checkpoint only",
        ) from None


def erase(options: Namespace, report: Report) -> bool:
    """Destroy what can open a stream; every entry keeps its place, every proof holds."""
    with writing(options.store, options.secrets) as desk:
        entry = desk.log.erase(options.stream)[0]
    report.say(
        f"erased: what the data keys of {options.stream} sealed cannot be read by anybody; "
        f"entry {entry.index} records it"
    )
    report.add(stream=options.stream, index=entry.index)
    return True


def _expect_no_other(options: Namespace) -> None:
    try:
        found = read_vkeys(options.store)[0].name
    except CannotDo:
        return
    if found != options.origin:
        raise CannotDo(
            f"{options.store} holds the log {found} already", "choose another folder or prefix"
        )


def _append_chunks(
    desk: Desk, options: Namespace, key: str, contents: Iterator[list[bytes]]
) -> Iterator[tuple[Entry, Entry]]:
    """First and last entry of each command: a file of many lines takes several."""
    first = next(contents, None)
    if not first:
        raise CannotDo("there is nothing to append: the file is empty", "")
    seal = _plain if options.plain else _sealing(desk, options.stream)
    expected: int | None = options.expected
    for number, lines in enumerate(chain([first], contents)):
        command = f"{key}/{number}" if number else key
        entries = _append_once(desk.log, options.stream, expected, lines, command, seal)
        if expected is not None:
            expected += len(entries)
        yield entries[0], entries[-1]


def _append_once(
    log: Log, stream: str, expected: int | None, contents: Sequence[bytes], key: str, seal: Seal
) -> tuple[Entry, ...]:
    """Append at the stream's end, wherever others move it; only at `expected` if that is given."""
    if recorded := log.recorded(key):
        return _expect_same_stream(recorded, stream)
    for _ in range(_MOST_TRIES):
        head = log.head(stream)
        if expected is not None and head.length != expected:
            raise CannotDo(
                f"stream {stream} has {head.length} entries, not {expected}",
                "read what came in between with `show`, then decide again",
            )
        payloads, kid = seal(head, contents)
        try:
            return log.append(stream, head, payloads, key=key, kid=kid)
        except StreamMoved:
            continue
        except Unconfirmed as error:
            raise CannotDo(str(error), f"repeat it with --key {key}: it counts once") from None
    raise CannotDo(f"others append to {stream} without pause", "try again in a moment")


def _expect_same_stream(entries: tuple[Entry, ...], stream: str) -> tuple[Entry, ...]:
    if entries[0].stream != stream:
        raise CannotDo(
            f"this --key was used for stream {entries[0].stream}, entry {entries[0].index}",
            "choose another key for another command",
        )
    return entries


def _plain(head: Head, contents: Sequence[bytes]) -> tuple[Sequence[bytes], str]:
    return contents, "-"


def _sealing(desk: Desk, stream: str) -> Seal:
    found: list[DataKey] = []  # made only if something is really appended

    def seal(head: Head, contents: Sequence[bytes]) -> tuple[Sequence[bytes], str]:
        if not found:
            found.append(_data_key(desk, stream, head))
        return seal_payloads(stream, head, sealed_drafts(contents), found[0]), found[0].kid

    return seal


def _data_key(desk: Desk, stream: str, head: Head) -> DataKey:
    if desk.keys is None:
        raise CannotDo(
            f"the master key is not in {desk.secrets.folder}",
            "name its folder with --secrets, or append with --plain what everybody may read",
        )
    key = desk.keys.of_stream(stream)
    if key is None and head.length:
        key = desk.keys.last_used(desk.log.stream_entries(stream))
    key = key or desk.keys.make()
    desk.keys.note(stream, key)
    return key


def _run_text(run: tuple[Entry, Entry], stream: str) -> str:
    first, last = run
    if first.index == last.index:
        return f"entry {first.index}: number {first.seq} of stream {stream}"
    return f"entries {first.index}..{last.index}: {first.seq}..{last.seq} of stream {stream}"


def _runs_facts(runs: Sequence[tuple[Entry, Entry]]) -> dict[str, object]:
    return {
        "index": runs[0][0].index,
        "seq": runs[0][0].seq,
        "count": sum(last.index - first.index + 1 for first, last in runs),
        "ranges": [[first.index, last.index] for first, last in runs],
    }


def _tell_witnesses(log: Log, report: Report) -> None:
    standings = log.witnesses.standing() if log.witnesses else ()
    for each in standings:
        state = f"no signature: {each.error}" if each.error else f"signed {each.size} entries"
        report.say(f"witness {each.name}: {state}")
    report.add(witnesses=[{"name": w.name, "size": w.size, "error": w.error} for w in standings])
