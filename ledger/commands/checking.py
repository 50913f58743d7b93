"""Commands that check: verify (bundle, receipt or store), fsck, probe. No secret is needed."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from cryptography.x509 import Certificate

from ledger.bundles.endorsed import parse_given_keys
from ledger.bundles.verify import verify_bundle, verify_receipt
from ledger.checking.finding import Finding, broken
from ledger.checking.fsck import fsck as check_store
from ledger.checkpoint import parse_checkpoint
from ledger.commands.desk import read_vkeys, store_url
from ledger.commands.progress import Bar
from ledger.commands.report import CannotDo, Report
from ledger.encoding import from_utf8
from ledger.errors import LedgerError
from ledger.publisher import CHECKPOINTS, POINTER
from ledger.stores.opening import open_store
from ledger.stores.probe import probe as probe_store
from ledger.stores.store import Store
from ledger.timestamp import load_roots
from ledger.witnessing.policy import Policy, parse_policy

_LONGEST_RECEIPT = 2_000_000


def verify(options: Namespace, report: Report) -> bool:
    """Check a bundle, a receipt or a whole store."""
    vkey = _given_key(options.vkey)
    path = Path(options.target)
    if not path.is_file():
        _refuse_unused(options, "a store", "entry", "policy", "roots")
        return _examine(options.target, vkey, report, repair=False, signed=True)
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            _refuse_unused(options, "a receipt", "roots")
            return _tell(_receipt_findings(path, vkey, options), report)
        _refuse_unused(options, "a bundle", "entry")
        file.seek(0)
        policy, roots = _trusted(options)
        return _tell(verify_bundle(file, vkey, policy=policy, roots=roots), report)


def fsck(options: Namespace, report: Report) -> bool:
    """Check everything in a store; make derived objects again if asked to."""
    vkey = _given_key(options.vkey)
    return _examine(options.store, vkey, report, repair=options.repair, signed=False)


def probe(options: Namespace, report: Report) -> bool:
    """Ask a store whether it keeps the promises that a ledger rests on."""
    url = store_url(options.store)
    store = open_store(url, writing=False)
    verdict = probe_store(store, deep=options.deep)
    for check in verdict.checks:
        report.say(f"{check.outcome.value:<8}{check.name}: {check.sentence}")
    report.say("it may hold a ledger" if verdict.ok else "it must NOT hold a ledger")
    found = [
        {"name": each.name, "outcome": each.outcome.value, "sentence": each.sentence}
        for each in verdict.checks
    ]
    report.add(kind=verdict.kind, checks=found)
    return verdict.ok


def _examine(place: str, vkey: str | None, report: Report, *, repair: bool, signed: bool) -> bool:
    """`signed`: a store in which nothing is signed proves nothing to whoever asks."""
    own = read_vkeys(place)
    given = parse_given_keys(vkey) if vkey else ()
    others = [broken(f"log.vkey: does not name {key.vkey}") for key in given if key not in own]
    if others:
        return _tell(others, report)
    store = open_store(store_url(place), writing=repair)
    first = given[0].vkey if given else None
    with Bar(_expected_size(store), shown=not report.as_json) as bar:
        findings = check_store(store, first, repair=repair, progress=bar.move)
        unsigned = _unsigned(store) if signed else ()
        return _tell(chain(findings, unsigned), report, bar)


def _unsigned(store: Store) -> Iterator[Finding]:
    if next(iter(store.keys(CHECKPOINTS)), None) is None:
        yield broken(
            f"{CHECKPOINTS}: there is none: no entry stands under any signature, "
            "because nothing was published or because it was taken away"
        )


def _expected_size(store: Store) -> int:
    """What the pointer claims, for the length of a bar; nothing rests on it."""
    try:
        return parse_checkpoint(from_utf8(store.get(POINTER))).size
    except LedgerError:
        return 0


def _receipt_findings(path: Path, vkey: str | None, options: Namespace) -> Iterable[Finding]:
    if vkey is None:
        raise CannotDo(
            "a receipt is checked against a public key",
            "give it with --vkey: what `python -m ledger keys STORE` prints, or a file of it",
        )
    with path.open("rb") as file:
        text = from_utf8(file.read(_LONGEST_RECEIPT))
    raw = options.entry.read_bytes() if options.entry else None
    return verify_receipt(text, raw, vkey, policy=_trusted(options)[0])


def _trusted(options: Namespace) -> tuple[Policy | None, tuple[Certificate, ...]]:
    policy = parse_policy(options.policy.read_bytes()) if options.policy else None
    return policy, load_roots(options.roots.read_bytes()) if options.roots else ()


def _refuse_unused(options: Namespace, what: str, *names: str) -> None:
    """An option that would be ignored must not leave the impression that something was checked."""
    for name in names:
        if getattr(options, name) is not None:
            raise CannotDo(f"--{name} says nothing about {what}", "leave it out")


def _given_key(text: str | None) -> str | None:
    """A key, two of them with a blank between, or a file that holds them."""
    if text is None:
        return None
    vkey = text
    if "+" not in text:
        vkey = from_utf8(Path(text).read_bytes())
    parse_given_keys(vkey)
    return " ".join(vkey.split())


def _tell(findings: Iterable[Finding], report: Report, bar: Bar | None = None) -> bool:
    told = list(_each(findings, report, bar))
    ok = not any(finding.is_broken for finding in told)
    report.say("sound" if ok else "NOT sound")
    report.add(findings=[{"level": each.level.value, "text": each.text} for each in told])
    return ok


def _each(findings: Iterable[Finding], report: Report, bar: Bar | None) -> Iterator[Finding]:
    for finding in findings:
        if bar is not None:
            bar.clear()
        report.say(str(finding))
        yield finding
