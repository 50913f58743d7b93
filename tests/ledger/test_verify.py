"""A bundle convinces whoever has the public key, and says where it was tampered with."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from ledger import Log, open_entry
from ledger.bundles.multiproof import format_multiproof, prove_leaves
from ledger.checking.finding import Level
from ledger.checkpoint import parse_checkpoint
from ledger.encoding import to_base64
from tests.ledger.builders import DATA_KEY, SIGNER, a_log, a_store
from tests.ledger.bundles import (
    Change,
    Files,
    a_plain_bundle,
    add,
    broken,
    bundle,
    cut,
    empty,
    files,
    findings,
    flip_first,
    flip_middle,
    log,
    names,
    packed,
    said,
    unpacked,
)

__all__ = ["bundle", "files", "log"]


# ---- what holds ------------------------------------------------------------------------------


def test_a_bundle_holds_with_the_key_of_the_log(bundle: bytes) -> None:
    assert broken(bundle) == []
    assert findings(bundle, level=Level.NOTE) == [
        "extras/letter.txt: no shown field vouches for it"
    ]
    assert said("extras/picture.webp: stated in field sha256", bundle)
    assert said("signature holds (Ed25519 and ML-DSA-44)", bundle)
    assert said("the one form, to the byte", bundle)


def test_a_bundle_says_that_these_are_all_entries_and_at_what_size(bundle: bytes, log: Log) -> None:
    size = log.prove_stream("case/1").map_entry.index
    assert said(f"stream case/1: no gap, and these are all 5 entries of it at size {size}", bundle)


def test_a_bundle_can_say_that_there_is_no_such_case(log: Log) -> None:
    nothing = a_plain_bundle(log, "case/99")
    assert broken(nothing) == []
    assert said("stream case/99: there is none among the first", nothing)


@pytest.mark.parametrize("number", [0, 1])
def test_either_key_of_the_log_is_enough_and_so_are_both(bundle: bytes, number: int) -> None:
    assert broken(bundle, SIGNER.verifiers[number].vkey) == []
    assert broken(bundle, " ".join(key.vkey for key in SIGNER.verifiers)) == []


def test_without_a_key_it_is_said_that_the_key_is_its_own(bundle: bytes) -> None:
    assert broken(bundle, None) == []
    assert said("only the bundle's own claim", bundle, None)


def test_showing_less_is_no_forgery(files: Files) -> None:
    for name in names(files, "disclosures/"):
        del files[name]
        assert broken(packed(files)) == []


def test_erased_content_leaves_place_and_chain_intact(tmp_path: Path) -> None:
    with closing(a_log(a_store(tmp_path))) as log:
        (entry, *_) = add(log, "case/1", 2)
        shown = {entry.index: [open_entry(entry, DATA_KEY)[0].text]}
        log.erase("case/1")
        after = a_plain_bundle(log, "case/1", shown)
        assert broken(after) == []
        assert said(f"key {DATA_KEY.kid} was destroyed; the content of 2 entries is erased", after)


# ---- what was tampered with ------------------------------------------------------------------

KINDS = ("checkpoint", "log.vkey", "stream", "entries/", "proof", "map/proof", "disclosures/")


@pytest.mark.parametrize("change", [flip_first, flip_middle, cut, empty])
@pytest.mark.parametrize("kind", [*KINDS, "map/"])
def test_a_changed_file_is_noticed(files: Files, kind: str, change: Change) -> None:
    name = names(files, kind)[0]
    files[name] = change(files[name])
    if (kind, change) == ("disclosures/", empty):
        return  # showing less is no forgery
    assert broken(packed(files)), name


@pytest.mark.parametrize("kind", ["checkpoint", "log.vkey", "stream", "proof", "map/proof"])
def test_a_missing_file_is_named(files: Files, kind: str) -> None:
    del files[kind]
    assert broken(packed(files)) == [f"{kind} is missing"]


def test_a_missing_or_second_entry_of_the_map_is_noticed(files: Files) -> None:
    (name,) = (name for name in names(files, "map/") if name != "map/proof")
    files["map/0"] = files[name]
    assert "one entry of the map, not 2" in broken(packed(files))[0]
    del files[name], files["map/0"]
    assert "one entry of the map, not 0" in broken(packed(files))[0]


def test_an_entry_of_another_stream_is_no_map(files: Files) -> None:
    (name,) = (name for name in names(files, "map/") if name != "map/proof")
    entry = names(files, "entries/")[0]
    del files[name]
    files[f"map/{entry.removeprefix('entries/')}"] = files[entry]
    assert "not an entry of stream ledger/map" in broken(packed(files))[0]


@pytest.mark.parametrize("which", range(5))
def test_a_left_out_entry_is_noticed(files: Files, which: int) -> None:
    name = names(files, "entries/")[which]
    del files[name]
    files.pop(f"disclosures/{name.removeprefix('entries/')}.jsonl", None)
    assert broken(packed(files))


def as_if_written_now(log: Log, files: Files, stream: str) -> Files:
    """The same files with a proof that fits the entries left in them: a forger can make that."""
    indices = [int(name.partition("/")[2]) for name in files if name.startswith("entries/")]
    (top,) = (int(name[4:]) for name in files if name.startswith("map/") and name != "map/proof")
    size = parse_checkpoint(files["checkpoint"].decode()).size
    proof = format_multiproof(prove_leaves([*indices, top], size, log.node)).encode()
    return files | {"proof": proof, "stream": f"{stream}\n".encode()}


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        ([0], "does not continue stream case/1 after 0 entries"),
        ([2], "does not continue stream case/1 after 2 entries"),
        ([4], "the stream has 5 entries, not these"),
        ([2, 3, 4], "the stream has 5 entries, not these"),
        ([3, 4], "is not the last of its command"),
        ([0, 1, 2, 3, 4], "the stream has 5 entries, not these"),
    ],
)
def test_a_left_out_entry_is_noticed_even_if_every_proof_was_made_to_fit(
    log: Log, files: Files, left_out: list[int], words: str
) -> None:
    for name in [names(files, "entries/")[which] for which in left_out]:
        del files[name]
        files.pop(f"disclosures/{name.removeprefix('entries/')}.jsonl", None)
    assert words in "".join(broken(packed(as_if_written_now(log, files, "case/1"))))


def test_an_existing_case_cannot_be_presented_as_none(log: Log, files: Files) -> None:
    for name in names(files, "entries/") + names(files, "disclosures/"):
        del files[name]
    files = as_if_written_now(log, files, "case/1")
    other = unpacked(a_plain_bundle(log, "case/99"))
    files["map/proof"] = other["map/proof"]
    assert "is about stream case/99" in broken(packed(files))[0]
    files["map/proof"] = other["map/proof"].replace(b"case/99", b"case/1")
    assert "map/proof" in broken(packed(files))[0]


def test_an_older_map_does_not_prove_that_newer_entries_are_all(tmp_path: Path) -> None:
    with closing(a_log(a_store(tmp_path))) as log:
        add(log, "case/1")
        old = unpacked(a_plain_bundle(log, "case/1"))
        add(log, "case/1")
        new = unpacked(a_plain_bundle(log, "case/1"))
        mixed = {name: content for name, content in new.items() if not name.startswith("map/")}
        mixed |= {name: content for name, content in old.items() if name.startswith("map/")}
        mixed = as_if_written_now(log, mixed, "case/1")
        assert "the stream has 1 entries, not these" in broken(packed(mixed))[0]


def test_entries_of_another_stream_are_noticed(log: Log, files: Files) -> None:
    others = unpacked(a_plain_bundle(log, "case/2"))
    files |= {name: others[name] for name in names(others, "entries/")}
    assert (
        "does not continue stream case/1"
        in broken(packed(as_if_written_now(log, files, "case/1")))[0]
    )


def test_the_same_entries_under_another_name_are_noticed(log: Log, files: Files) -> None:
    assert (
        "does not continue stream case/2"
        in broken(packed(as_if_written_now(log, files, "case/2")))[0]
    )


def test_an_entry_under_another_index_is_noticed(files: Files) -> None:
    first, second = names(files, "entries/")[:2]
    files[first], files[second] = files[second], files[first]
    assert "proof" in broken(packed(files))[0]


def test_a_node_too_many_in_the_proof_is_noticed(files: Files) -> None:
    files["proof"] += f"9 0 {to_base64(bytes(32))}\n".encode()
    assert "exactly the nodes" in broken(packed(files))[0]


def test_disclosures_for_no_entry_are_noticed(files: Files) -> None:
    files["disclosures/9999.jsonl"] = b""
    assert "there is no entry 9999" in broken(packed(files))[0]


def test_a_field_of_another_entry_is_noticed(files: Files) -> None:
    first, *_, last = names(files, "disclosures/")
    files[first], files[last] = files[last], files[first]
    assert first in broken(packed(files))[0]


def test_a_field_with_another_value_is_noticed(files: Files) -> None:
    name = names(files, "disclosures/")[0]
    files[name] = files[name].replace(b'"number",', b'"number",1')
    assert "a field that is not in the entry" in broken(packed(files))[0]


def test_a_plain_entry_has_no_fields_to_show(files: Files) -> None:
    index = names(files, "entries/")[-1].removeprefix("entries/")
    files[f"disclosures/{index}.jsonl"] = b'["AAAAAAAAAAAAAAAAAAAAAA","x",1]\n'
    assert "is not sealed" in broken(packed(files))[0]
