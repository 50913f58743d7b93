"""Commands that read a log and prove what is in it: show, prove, bundle, keys."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator

from ledger.bundles.bundle import write_bundle
from ledger.commands.desk import Desk, Endorsers, proving, read_vkeys, reading
from ledger.commands.report import CannotDo, Report
from ledger.commands.shown import look
from ledger.entry import PLAIN, Entry
from ledger.errors import NotStored
from ledger.seal import open_entry
from ledger.witnessing.durable import replace_file


def show(options: Namespace, report: Report) -> bool:
    """Print one entry, or all of a stream; open what this machine has keys for."""
    with reading(options.store, options.secrets) as desk:
        shown = [look(entry, desk.keys, desk.store) for entry in _asked(desk, options.what)]
    for each in shown:
        report.say("\n".join(each.lines))
    report.add(entries=[each.facts for each in shown])
    return True


def prove(options: Namespace, report: Report) -> bool:
    """Write a receipt for an entry: with the entry's bytes it is checked offline."""
    with proving(options.store, options.secrets, Endorsers()) as desk:
        entry = _entry(desk, options.number)
        receipt = desk.log.receipt(entry.index)
    replace_file(options.out, receipt.encode("utf-8"))
    report.say(f"the receipt of entry {entry.index} is in {options.out}")
    if options.entry is not None:
        replace_file(options.entry, entry.raw)
        report.say(f"the bytes it is about are in {options.entry}")
    report.add(index=entry.index, out=str(options.out), leaf_hash=entry.leaf_hash.hex())
    return True


def bundle(options: Namespace, report: Report) -> bool:
    """Write all of a stream and its proofs into one zip file."""
    extras = {path.name: path.read_bytes() for path in options.extra}
    temporary = options.out.with_name(f"{options.out.name}.part")
    with proving(options.store, options.secrets, Endorsers(options.policy)) as desk:
        shown = dict(_disclosures(desk, options.stream)) if options.disclose else {}
        with temporary.open("wb") as target:
            write_bundle(target, desk.log, options.stream, shown, extras)
    temporary.replace(options.out)
    report.say(f"the bundle of {options.stream} is in {options.out}")
    report.say(f"{sum(map(len, shown.values()))} fields are shown in it")
    report.add(stream=options.stream, out=str(options.out), shown=sorted(shown))
    return True


def keys(options: Namespace, report: Report) -> bool:
    """Print the public keys, to be handed on by another way than the store."""
    vkeys = [verifier.vkey for verifier in read_vkeys(options.store)]
    for vkey in vkeys:
        report.say(vkey)
    report.add(vkeys=vkeys)
    return True


def _asked(desk: Desk, what: str) -> Iterable[Entry]:
    if what.isascii() and what.isdigit():
        return [_entry(desk, int(what))]
    entries = desk.log.stream_entries(what)
    if not entries:
        raise CannotDo(
            f"there is no stream {what}",
            "names are exact; `bundle` writes the proof that there is no such stream",
        )
    return entries


def _entry(desk: Desk, number: int) -> Entry:
    if number >= desk.log.size:
        raise CannotDo(
            f"there is no entry {number}", f"the log has {desk.log.size} entries, from 0 on"
        )
    return next(desk.log.entries(number, number + 1))


def _disclosures(desk: Desk, stream: str) -> Iterator[tuple[int, list[str]]]:
    for entry in desk.log.stream_entries(stream):
        if entry.kid != PLAIN and desk.keys is not None:
            try:
                fields = open_entry(entry, desk.keys.find(entry.kid))
            except NotStored:
                continue  # erased: there is nothing to show
            yield entry.index, [field.text for field in fields]
