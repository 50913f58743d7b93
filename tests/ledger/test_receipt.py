"""A receipt proves an entry to whoever has the log's key, and nothing to anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import Log, VerificationError
from ledger.bundles.verify import verify_receipt
from ledger.checking.finding import Level
from ledger.checkpoint import add_signatures, parse_checkpoint
from ledger.encoding import to_base64
from ledger.note import Cosigner, parse_note
from ledger.receipt import format_receipt, parse_receipt
from ledger.witnessing.policy import Policy
from tests.ledger.builders import SIGNER, a_store
from tests.ledger.bundles import a_log_of_cases
from tests.ledger.test_verify_trust import SILENT, WITNESS, a_policy

AT = 1_790_000_000


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    with closing(a_log_of_cases(a_store(tmp_path_factory.mktemp("receipt")))) as log:
        log.publish()
        yield log


@pytest.fixture(scope="module")
def entries(log: Log) -> list[bytes]:
    return [entry.raw for entry in log.entries(0, log.size)]


def check(
    text: str, raw: bytes | None, vkey: str = SIGNER.vkey, policy: Policy | None = None
) -> list[str]:
    return list(map(str, verify_receipt(text, raw, vkey, policy=policy)))


def holds(found: list[str]) -> bool:
    return not any(Level.BROKEN.value in each for each in found)


def cosigned(receipt: str, witness: Cosigner) -> str:
    parsed = parse_receipt(receipt)
    lines = witness.sign(parse_note(parsed.note).text, AT).signatures
    checkpoint = add_signatures(parse_checkpoint(parsed.note), lines)
    return format_receipt(parsed.index, parsed.proof, checkpoint.text)


def test_every_entry_has_a_receipt_that_holds(log: Log, entries: list[bytes]) -> None:
    for index, raw in enumerate(entries):
        found = check(log.receipt(index), raw)
        assert holds(found)
        assert f"entry {index}: these {len(raw)} bytes lead to the root" in found[-1]


@pytest.mark.parametrize("number", [0, 1])
def test_it_holds_under_either_key_of_the_log(log: Log, entries: list[bytes], number: int) -> None:
    assert holds(check(log.receipt(3), entries[3], SIGNER.verifiers[number].vkey))


def test_it_proves_no_other_entry_and_under_no_other_key(log: Log, entries: list[bytes]) -> None:
    receipt = log.receipt(3)
    assert not holds(check(receipt, entries[4]))
    assert not holds(check(receipt, entries[3] + b" "))
    assert not holds(check(receipt, entries[3], Cosigner("x", b"a" * 32, b"b" * 32).vkey))


def test_without_the_entry_it_says_how_little_can_be_checked(log: Log) -> None:
    found = check(log.receipt(3), None)
    assert holds(found)
    assert found[-1].startswith("note")
    assert "only the entry's own bytes can show" in found[-1]


@pytest.mark.parametrize("change", ["index 3\n|index 99\n", "index 3\n|index 4\nAAAA\n"])
def test_without_the_entry_a_place_that_cannot_be_is_refused(log: Log, change: str) -> None:
    old, _, new = change.partition("|")
    assert not holds(check(log.receipt(3).replace(old, new), None))


def test_without_the_entry_a_proof_of_another_length_is_refused(log: Log) -> None:
    parsed = parse_receipt(log.receipt(3))
    for proof in (parsed.proof[1:], (*parsed.proof, bytes(32))):
        assert not holds(check(format_receipt(3, proof, parsed.note), None))


def test_cosignatures_travel_with_it(log: Log, entries: list[bytes]) -> None:
    receipt = cosigned(log.receipt(3), WITNESS)
    assert holds(check(receipt, entries[3]))
    found = check(receipt, entries[3], policy=a_policy(WITNESS))
    assert sum("by witness association.example" in each for each in found) == 2
    assert holds(found)
    assert not holds(check(receipt, entries[3], policy=a_policy(WITNESS, SILENT)))


def test_an_extra_line_carries_no_weight(log: Log, entries: list[bytes]) -> None:
    receipt = log.receipt(3).replace("\nindex", f"\nextra {to_base64(b'anything')}\nindex", 1)
    assert holds(check(receipt, entries[3]))
    assert not holds(check(receipt.replace("extra ", "extra  "), entries[3]))


@given(st.data())
def test_a_changed_receipt_never_holds_for_another_entry(
    log: Log, entries: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    text = log.receipt(index)
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(len(text), at + 30)))
    changed = text[:at] + data.draw(st.text(max_size=30)) + text[until:]
    other = data.draw(st.sampled_from(entries))
    assert not holds(check(changed, other)) or other == entries[index]


@given(st.text(max_size=300))
def test_junk_is_no_receipt(text: str) -> None:
    for junk in (
        text,
        "c2sp.org/tlog-proof@v1\n" + text,
        "c2sp.org/tlog-proof@v1\nindex 0\n\n" + text,
    ):
        with pytest.raises(VerificationError):
            parse_receipt(junk).verify(b"", [SIGNER.verifier])
