"""A witness signs one history of a log, whatever it is asked and however it dies."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.checkpoint import Checkpoint, add_signatures, read_cosignatures, sign_checkpoint
from ledger.errors import NotStored, StoreUnavailable, VerificationError
from ledger.merkle import EMPTY_ROOT
from ledger.note import open_note, parse_note, parse_signatures
from ledger.witnessing.witness import AddCheckpoint, Reply, decide, parse_request
from ledger.witnessing.witness_state import Witness
from ledger.witnessing.witnesses import format_request, read_answer
from tests.ledger.notary import (
    AT,
    ORIGIN,
    a_checkpoint,
    a_cosigner,
    a_signer,
    prove,
    root_of,
    some_leaves,
)
from tests.ledger.witnessing import FORK, FORK_LEAVES, LARGE, SMALL, WATCHED, a_witness


def a_request(old: int, checkpoint: Checkpoint, proof: list[bytes] | None = None) -> AddCheckpoint:
    honest = prove(old, some_leaves(checkpoint.size)) if proof is None else proof
    return AddCheckpoint(old, tuple(honest), checkpoint)


def status(
    old: int, checkpoint: Checkpoint, signed: Checkpoint | None = SMALL, **more: object
) -> int:
    decision = decide(WATCHED, signed, a_request(old, checkpoint, **more))  # type: ignore[arg-type]
    return decision.status if isinstance(decision, Reply) else 200


# What is decided


def test_a_checkpoint_that_continues_the_last_one_is_signed() -> None:
    assert status(3, LARGE) == 200
    assert status(3, SMALL) == 200
    assert status(0, SMALL, signed=None) == 200


@pytest.mark.parametrize("old", range(1, 12))
@pytest.mark.parametrize("new", range(1, 12))
def test_every_honest_growth_is_signed_and_no_shrinking(old: int, new: int) -> None:
    assert status(old, a_checkpoint(new), a_checkpoint(old)) == (200 if old <= new else 400)


def test_a_log_that_is_not_watched_is_unknown() -> None:
    decision = decide(None, None, a_request(0, SMALL))
    assert isinstance(decision, Reply)
    assert decision.status == 404


def test_a_checkpoint_its_log_did_not_sign_is_forbidden() -> None:
    impostor = sign_checkpoint(a_signer("impostor.example"), 8, LARGE.root, AT)
    text = parse_note(LARGE.text).text
    lines = "".join(map(str, parse_note(impostor.text).signatures))
    assert status(3, Checkpoint(ORIGIN, 8, LARGE.root, f"{text}\n{lines}")) == 403


def test_one_false_line_of_the_log_is_forbidden_beside_a_good_one() -> None:
    text, other = parse_note(LARGE.text).text, parse_note(SMALL.text)
    mixed = f"{text}\n{parse_note(LARGE.text).signatures[0]}{other.signatures[1]}"
    assert status(3, Checkpoint(ORIGIN, 8, LARGE.root, mixed)) == 403


def test_an_old_size_above_the_new_one_is_malformed() -> None:
    assert status(9, LARGE) == 400


def test_another_old_size_is_told_the_right_one() -> None:
    decision = decide(WATCHED, SMALL, a_request(0, LARGE))
    assert decision == Reply(409, "3\n", "text/x.tlog.size")
    assert decide(WATCHED, None, a_request(3, LARGE)) == Reply(409, "0\n", "text/x.tlog.size")


def test_another_history_is_not_signed() -> None:
    assert status(8, FORK, LARGE) == 422
    assert status(3, FORK) == 422
    assert status(3, FORK, proof=prove(3, FORK_LEAVES)) == 200  # it continues the three


def test_a_proof_that_proves_nothing_is_refused() -> None:
    honest = prove(3, some_leaves(8))
    assert status(3, LARGE, proof=[]) == 422
    assert status(3, LARGE, proof=[*honest, honest[0]]) == 422
    assert status(3, SMALL, proof=honest) == 422
    assert status(0, LARGE, signed=None, proof=honest) == 422


def test_an_empty_log_has_one_root() -> None:
    empty = sign_checkpoint(a_signer(), 0, EMPTY_ROOT, AT)
    wrong = sign_checkpoint(a_signer(), 0, LARGE.root, AT)
    assert status(0, empty, signed=None) == 200
    assert status(0, wrong, signed=None) == 422
    assert status(0, LARGE, signed=empty) == 200
    assert status(0, LARGE, signed=empty, proof=prove(3, some_leaves(8))) == 422


def test_only_the_lines_of_the_log_are_kept() -> None:
    stranger = a_cosigner("stranger.example").sign(parse_note(LARGE.text).text, AT)
    crowded = add_signatures(LARGE, stranger.signatures)
    decision = decide(WATCHED, SMALL, a_request(3, crowded))
    assert isinstance(decision, Checkpoint)
    assert decision.text == LARGE.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 3\n",
        b"old 03\n\n",
        b"old -1\n\n",
        b"old 3\n\n",
        b"OLD 3\n\n" + LARGE.text.encode(),
        b"old 3 \n\n" + LARGE.text.encode(),
        b"old 3\r\n\r\n" + LARGE.text.encode(),
        b"old 3\nAAAA\n\n" + LARGE.text.encode(),
        b"old 3\nnot base64\n\n" + LARGE.text.encode(),
        b"old 3\n" + b"A" * 43 + b"=\n\n" + LARGE.text.encode()[:-1],
        b"old 3\n" + (b"A" * 43 + b"=\n") * 64 + b"\n" + LARGE.text.encode(),
        b"old 3\n\n" + LARGE.text.encode() + b"\xff",
    ],
)
def test_what_is_not_a_request_is_malformed(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(VerificationError):
        parse_request(body)
    with a_witness(tmp_path) as witness:
        assert witness.add_checkpoint(body).status == 400


def test_sixty_three_hashes_are_a_request() -> None:
    body = b"old 3\n" + (b"A" * 43 + b"=\n") * 63 + b"\n" + LARGE.text.encode()
    assert len(parse_request(body).proof) == 63


# What is remembered


def add(
    witness: Witness, old: int, checkpoint: Checkpoint, leaves: list[bytes] | None = None
) -> Reply:
    proof = prove(old, some_leaves(checkpoint.size) if leaves is None else leaves)
    return witness.add_checkpoint(format_request(old, proof, checkpoint.text))


def test_both_keys_sign_with_the_time_of_the_clock(tmp_path: Path) -> None:
    with a_witness(tmp_path, at=AT + 60) as witness:
        lines = add(witness, 0, LARGE).body
        cosigned = add_signatures(LARGE, parse_signatures(lines))
        found = read_cosignatures(cosigned.text, witness.cosigner.verifiers)
        assert [each.verifier.kind for each in found] == [b"\4", b"\6"]
        assert {each.at for each in found} == {AT + 60}


def test_a_clock_that_stands_at_zero_still_gives_a_time(tmp_path: Path) -> None:
    with a_witness(tmp_path, at=0) as witness:
        body = add(witness, 0, LARGE).body.encode()
        assert len(read_answer(LARGE, body, witness.cosigner.verifiers)) == 2


def test_a_witness_remembers_over_a_restart(tmp_path: Path) -> None:
    with a_witness(tmp_path) as witness:
        assert add(witness, 0, SMALL).status == 200
        keys = witness.cosigner.verifiers
    with a_witness(tmp_path) as witness:
        assert witness.cosigner.verifiers == keys
        assert add(witness, 0, LARGE).body == "3\n"
        assert add(witness, 3, LARGE).status == 200
        latest = witness.latest(WATCHED)
    assert latest is not None
    assert len(open_note(latest.text, (*WATCHED.verifiers, *keys)).signatures) == 4


def test_a_log_that_signed_two_histories_is_kept_as_proof(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_witness(tmp_path) as witness:
        add(witness, 0, LARGE)
        assert add(witness, 8, FORK, FORK_LEAVES).status == 422
    kept = (tmp_path / "state" / f"{WATCHED.digest}.contradiction-8").read_text()
    assert open_note(kept, WATCHED.verifiers).text == parse_note(FORK.text).text
    assert "two roots for 8" in capsys.readouterr().err


def test_of_racing_histories_one_is_signed(tmp_path: Path) -> None:
    forks = []
    for number in range(16):
        leaves = some_leaves(3) + some_leaves(8, f"fork {number} ")[3:]
        forks.append((sign_checkpoint(a_signer(), 8, root_of(leaves), AT), leaves))
    with a_witness(tmp_path) as witness, ThreadPoolExecutor(8) as pool:
        add(witness, 0, SMALL)
        replies = list(pool.map(lambda fork: add(witness, 3, *fork).status, forks))
    assert sorted(replies) == [200] + [409] * 15


def test_a_disk_that_fails_gives_no_signature(tmp_path: Path) -> None:
    with a_witness(tmp_path) as witness:
        add(witness, 0, SMALL)
        target = tmp_path / "state" / f"{WATCHED.digest}.checkpoint.new"
        target.mkdir()
        with pytest.raises(StoreUnavailable):
            add(witness, 3, LARGE)
        target.rmdir()
        assert add(witness, 3, FORK, FORK_LEAVES).status == 200  # the other never left


def test_state_that_another_witness_signed_stops_the_start(tmp_path: Path) -> None:
    with a_witness(tmp_path) as witness:
        add(witness, 0, SMALL)
    (tmp_path / "key").unlink()
    with pytest.raises(VerificationError), a_witness(tmp_path):
        pass


@pytest.mark.parametrize("content", [b"", b"\xff", b"nonsense", SMALL.text.encode()])
def test_spoiled_state_stops_the_start(tmp_path: Path, content: bytes) -> None:
    with a_witness(tmp_path) as witness:
        add(witness, 0, SMALL)
    (tmp_path / "state" / f"{WATCHED.digest}.checkpoint").write_bytes(content)
    with pytest.raises(VerificationError), a_witness(tmp_path):
        pass


def test_a_key_whose_memory_is_gone_does_not_sign_again(tmp_path: Path) -> None:
    with a_witness(tmp_path):
        pass
    (tmp_path / "state").rename(tmp_path / "elsewhere")
    with pytest.raises(NotStored, match="restore"), a_witness(tmp_path):
        pass


def test_a_key_of_another_name_is_not_used(tmp_path: Path) -> None:
    with a_witness(tmp_path):
        pass
    with (
        pytest.raises(VerificationError, match=r"other\.example"),
        a_witness(tmp_path, "other.example"),
    ):
        pass


def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    with a_witness(tmp_path):
        assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_spoiled_request_has_a_status_and_is_not_signed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    body = format_request(3, prove(3, some_leaves(8)), LARGE.text)
    end = body.rindex(b"\n\n")  # what follows are signatures, and one of two is enough
    start = data.draw(st.integers(0, end))
    stop = data.draw(st.integers(start, min(end, start + 20)))
    spoiled = body[:start] + data.draw(st.binary(max_size=20)) + body[stop:]
    if spoiled != body:
        with a_witness(tmp_path_factory.mktemp("w")) as witness:
            add(witness, 0, SMALL)
            assert witness.add_checkpoint(spoiled).status in {400, 403, 404, 409, 422}
