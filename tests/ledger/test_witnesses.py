"""A log asks witnesses: honest, late, dead, lying; and what goes out in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import pytest

from ledger import scheme
from ledger.checkpoint import Checkpoint, read_checkpoint, read_cosignatures, sign_checkpoint
from ledger.errors import NoQuorum, VerificationError
from ledger.note import Cosigner, Signature, open_note, parse_note
from ledger.witnessing.policy import Policy, parse_policy
from ledger.witnessing.witness_state import Witness
from ledger.witnessing.witnesses import Witnesses, WitnessStanding, read_answer
from tests.ledger import notary
from tests.ledger.notary import AT, a_checkpoint, a_cosigner, a_signer, some_leaves
from tests.ledger.witnessing import NAME, WATCHED, a_server, a_witness

# (path, body) -> status, body
Answering = Callable[[bytes], tuple[int, bytes]]


def prove(old: int, new: int) -> Sequence[bytes]:
    return notary.prove(old, some_leaves(new))


def a_policy(*parties: tuple[Cosigner, str], quorum: str = "") -> Policy:
    """Each witness with both of its keys, either of which counts; all of them by default."""
    lines, names = [], []
    for number, (cosigner, url) in enumerate(parties):
        names.append(f"w{number}")
        for kind, key in zip(("old", "new"), cosigner.verifiers, strict=True):
            lines.append(f"witness w{number}-{kind} {key.vkey} {url}")
        lines.append(f"group w{number} any w{number}-old w{number}-new")
    lines.append(f"group all all {' '.join(names)}")
    text = "\n".join([*lines, f"quorum {quorum or 'all'}", ""])
    return parse_policy(text.encode())


@contextmanager
def answering(answer: Answering) -> Iterator[str]:
    """A server that answers every POST as told; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = answer(body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # the asker does not wait for late answers

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def honest(folder: Path, name: str = NAME) -> Iterator[tuple[Witness, str]]:
    with a_witness(folder / name.replace("/", "-"), name) as witness, a_server(witness) as server:
        yield witness, server.url


def signers_of(checkpoint: Checkpoint, policy: Policy) -> list[str]:
    return [each.verifier.name for each in read_cosignatures(checkpoint.text, policy.witness_keys)]


def refused(policy: Policy, checkpoint: Checkpoint) -> str:
    """Why nothing is published, with a quorum required."""
    with pytest.raises(NoQuorum) as caught:
        Witnesses(policy, required=True).endorse(checkpoint, prove)
    return str(caught.value)


def test_a_witness_cosigns_with_both_keys_what_the_log_signed(tmp_path: Path) -> None:
    with honest(tmp_path) as (witness, url):
        policy = a_policy((witness.cosigner, url))
        endorsed = Witnesses(policy, required=True).endorse(a_checkpoint(5), prove)
    assert signers_of(endorsed, policy) == [NAME, NAME]
    assert read_checkpoint(endorsed.text, (*WATCHED.verifiers, *policy.witness_keys)).size == 5
    assert endorsed.text.count("— ") == 4


def test_a_growing_log_proves_each_step_from_what_the_witness_knows(tmp_path: Path) -> None:
    asked: list[tuple[int, int]] = []

    def proving(old: int, new: int) -> Sequence[bytes]:
        asked.append((old, new))
        return prove(old, new)

    with honest(tmp_path) as (witness, url):
        policy = a_policy((witness.cosigner, url))
        witnesses = Witnesses(policy, required=True)
        for size in (3, 5, 5, 9):
            witnesses.endorse(a_checkpoint(size), proving)
        # A new process knows nothing: the witness tells where it stands.
        Witnesses(policy, required=True).endorse(a_checkpoint(11), proving)
    assert asked == [(3, 5), (5, 9), (9, 11)]


def test_several_witnesses_sign_side_by_side(tmp_path: Path) -> None:
    with ExitStack() as stack:
        names = [f"w{number}.example" for number in range(4)]
        pairs = [stack.enter_context(honest(tmp_path, name)) for name in names]
        policy = a_policy(*((witness.cosigner, url) for witness, url in pairs))
        witnesses = Witnesses(policy, required=True)
        endorsed = witnesses.endorse(a_checkpoint(5), prove)
        assert sorted(set(signers_of(endorsed, policy))) == names
        assert [(each.name, each.size, each.at) for each in witnesses.standing()] == [
            (name, 5, AT) for name in names
        ]


def test_without_a_quorum_nothing_goes_out_if_it_is_required(tmp_path: Path) -> None:
    with honest(tmp_path) as (witness, url):
        policy = a_policy(
            (witness.cosigner, url), (a_cosigner("dead.example"), "http://127.0.0.1:9")
        )
        assert "dead.example: " in refused(policy, a_checkpoint(5))
        endorsed = Witnesses(policy, required=False).endorse(a_checkpoint(5), prove)
    assert signers_of(endorsed, policy) == [NAME, NAME]


def test_one_dead_witness_does_not_break_a_quorum_without_it(tmp_path: Path) -> None:
    with honest(tmp_path) as (witness, url):
        dead = (a_cosigner("dead.example"), "http://127.0.0.1:9")
        policy = a_policy((witness.cosigner, url), dead, quorum="w0")
        assert Witnesses(policy, required=True).endorse(a_checkpoint(5), prove).size == 5


def test_witnesses_without_an_address_are_not_asked_but_still_required() -> None:
    key = a_cosigner().verifier.vkey
    policy = parse_policy(f"witness w {key}\nquorum w\n".encode())
    assert "more witnesses than have an address" in refused(policy, a_checkpoint(5))
    checkpoint = a_checkpoint(5)
    assert Witnesses(policy, required=False).endorse(checkpoint, prove) == checkpoint
    assert Witnesses(policy, required=True).standing() == ()


def lines(cosigner: Cosigner, checkpoint: Checkpoint, at: int = AT) -> bytes:
    signatures = cosigner.sign(parse_note(checkpoint.text).text, at).signatures
    return "".join(map(str, signatures)).encode()


FIVE, SIX = a_checkpoint(5), a_checkpoint(6)
W = a_cosigner()

LIES: dict[str, tuple[int, bytes]] = {
    "nothing": (200, b""),
    "an empty line": (200, b"\n"),
    "junk": (200, b"\xff" * 100),
    "a line cut off": (200, lines(W, FIVE)[:-1]),
    "the lines of another checkpoint": (200, lines(W, SIX)),
    "the lines of another witness": (200, lines(a_cosigner("other.example"), FIVE)),
    "one false line beside a good one": (200, lines(W, FIVE).replace(b"AA", b"BB", 1)),
    "lines without a time": (200, lines(W, FIVE, at=0)),
    "more than anyone asked for": (200, lines(W, FIVE) * 100),
    "too many lines": (200, b"".join(b"\xe2\x80\x94 n%d AAAAAAAA\n" % n for n in range(101))),
    "a refusal": (403, b"no\n"),
    "a redirect": (302, b""),
    "a size that is none": (409, b"five\n"),
    "a size beyond the log": (409, b"6\n"),
    "another size for ever": (409, b"2\n"),
    "a mistake of its own": (500, b""),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_witness_that_lies_spoils_nothing_but_the_quorum(lie: str) -> None:
    with answering(lambda body: LIES[lie]) as url:
        policy = a_policy((W, url))
        witnesses = Witnesses(policy, required=False)
        assert witnesses.endorse(FIVE, prove) == FIVE
        assert witnesses.standing()[0].error
        assert refused(policy, FIVE)


def test_lines_of_strangers_beside_the_witness_are_left_out() -> None:
    ours = lines(W, FIVE)
    with answering(lambda body: (200, lines(a_cosigner("other.example"), FIVE) + ours)) as url:
        endorsed = Witnesses(a_policy((W, url)), required=True).endorse(FIVE, prove)
    assert endorsed.text == FIVE.text + ours.decode()


def test_a_signature_over_a_text_in_the_answer_is_not_one_over_ours() -> None:
    """A parser that glues the answer to the checkpoint reads text up to the last empty line."""
    longer = f"{FIVE.text}— x AAAAAAAA\n"
    key = W.private_keys[0]
    forged = scheme.sign(key.name, key.kind, key.seed, longer, AT)
    line = Signature(W.name, W.verifier.key_id, forged)
    assert open_note(f"{longer}\n{line}", W.verifiers)
    with pytest.raises(VerificationError):
        read_answer(FIVE, f"— x AAAAAAAA\n\n{line}".encode(), W.verifiers)


def test_a_slow_witness_costs_at_most_the_time_allowed() -> None:
    asked, may_answer = list[bytes](), Event()

    def slowly(body: bytes) -> tuple[int, bytes]:
        asked.append(body)
        may_answer.wait(120)
        return 200, lines(W, FIVE)

    with answering(slowly) as url:
        policy = a_policy((W, url))
        witnesses = Witnesses(policy, required=False, seconds=0.3, clock=lambda: 1000.0)
        assert witnesses.endorse(FIVE, prove) == FIVE
        # Still waiting for the first answer, or resting: not asked again, no time lost.
        assert witnesses.endorse(SIX, prove) == SIX
        assert len(asked) <= 1
        may_answer.set()


def test_a_witness_that_failed_rests_longer_each_time_and_comes_back() -> None:
    now, calls, broken = [1000.0], list[float](), [True]

    def answer(body: bytes) -> tuple[int, bytes]:
        calls.append(now[0])
        return (500, b"") if broken[0] else (200, lines(W, FIVE))

    with answering(answer) as url:
        witnesses = Witnesses(a_policy((W, url)), required=False, clock=lambda: now[0])
        for _ in range(4000):
            witnesses.endorse(FIVE, prove)
            now[0] += 0.1
        pauses = [later - earlier for earlier, later in pairwise(calls)]
        assert pauses[:6] == pytest.approx([1, 2, 4, 8, 16, 32], abs=0.2)
        assert max(pauses) == pytest.approx(60, abs=0.2)
        broken[0] = False
        now[0] += 60
        assert signers_of(witnesses.endorse(FIVE, prove), witnesses.policy) == [W.name, W.name]
        assert witnesses.standing()[0] == WitnessStanding(W.name, url, 5, AT, None)


def test_a_witness_that_is_ahead_is_no_broken_one(tmp_path: Path) -> None:
    """Another process of the log published a larger checkpoint a moment ago."""
    with honest(tmp_path) as (witness, url):
        policy = a_policy((witness.cosigner, url))
        Witnesses(policy, required=True).endorse(a_checkpoint(9), prove)
        behind = Witnesses(policy, required=False)
        assert behind.endorse(FIVE, prove) == FIVE
        assert "has signed 9 entries already" in str(behind.standing()[0].error)
        endorsed = behind.endorse(a_checkpoint(10), prove)
    assert signers_of(endorsed, policy) == [NAME, NAME]


def test_a_log_that_rewrote_itself_finds_no_witness(tmp_path: Path) -> None:
    leaves = some_leaves(9, "fork ")
    fork = sign_checkpoint(a_signer(), 9, notary.root_of(leaves), AT)
    with honest(tmp_path) as (witness, url):
        policy = a_policy((witness.cosigner, url))
        witnesses = Witnesses(policy, required=True)
        witnesses.endorse(FIVE, prove)
        with pytest.raises(NoQuorum, match="422"):
            witnesses.endorse(fork, lambda old, new: notary.prove(old, leaves))


def test_a_proof_that_cannot_be_made_is_told_and_breaks_nothing(tmp_path: Path) -> None:
    def failing(old: int, new: int) -> Sequence[bytes]:
        raise VerificationError("the tile is gone")

    with honest(tmp_path) as (witness, url):
        witnesses = Witnesses(a_policy((witness.cosigner, url)), required=False)
        witnesses.endorse(FIVE, prove)
        assert witnesses.endorse(SIX, failing) == SIX
        assert witnesses.standing()[0].error == "the tile is gone"


@pytest.mark.parametrize(
    "url", ["ftp://w.example", "file:///etc/passwd", "w.example", "http://", "http://消协"]
)
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(ValueError, match="http or https"):
        Witnesses(a_policy((W, url)), required=False)
