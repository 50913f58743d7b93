"""A log asks witnesses for cosignatures (C2SP tlog-witness, the asking side).

    POST <submission prefix>/add-checkpoint
    old 6                                      <- the size the witness signed last, as far as known
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=    <- consistency proof from there, 0..63 lines
                                               <- empty line
    mingan.example/log ...                     <- the checkpoint, signed by the log

The witness answers 200 with its signature lines, or 409 with the size it really signed last.

All witnesses are asked at once, and all together have a second. One that fails is left alone for
a while, for longer each time, so that a dead witness does not slow every publication. Nothing a
witness sends is believed: only lines that verify under the policy's keys, over this checkpoint,
with a time, are taken. What a witness can do is withhold its signature; the quorum of the policy
says how many may, and `required` what happens then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from ledger import scheme
from ledger.checkpoint import Checkpoint, add_signatures
from ledger.encoding import from_decimal, from_utf8, to_base64
from ledger.errors import LedgerError, NoQuorum, Unreachable, VerificationError
from ledger.note import Note, Signature, Verifier, parse_note, parse_signatures, verified
from ledger.witnessing.http_post import check_url, post
from ledger.witnessing.policy import KnownWitness, Policy

# (old size, new size) -> hashes of RFC 6962 section 2.1.2
Prove = Callable[[int, int], Sequence[bytes]]
Signed = Mapping[Verifier, Signature]
Clock = Callable[[], float]

LONGEST_PAUSE = 60.0
_BACKOFF = (0.01, 0.05, 0.25)
_LONGEST_ANSWER = 65_536


@dataclass(frozen=True)
class WitnessStanding:
    """How a witness is doing: `size` and `at` (POSIX seconds) of its last cosignature, if any,
    and why the last attempt after that failed, if it did."""

    name: str
    url: str
    size: int | None = None
    at: int | None = None
    error: str | None = None


class Witnesses:
    """The witnesses of one log. Safe for threads; keeps nothing on disk."""

    def __init__(
        self,
        policy: Policy,
        *,
        required: bool,
        seconds: float = 1.0,
        clock: Clock = time.monotonic,
    ) -> None:
        """`required`: without a quorum nothing is published (fail-closed); otherwise the
        checkpoint goes out with what there is. ValueError for an address that cannot be asked."""
        self.policy = policy
        self.required = required
        self._seconds = seconds
        self._clock = clock
        by_url = _by_url(policy.witnesses)
        self._asked = [_Witness(url, known, clock) for url, known in by_url.items()]

    def endorse(self, checkpoint: Checkpoint, prove: Prove) -> Checkpoint:
        """The checkpoint with the cosignatures that came in time; NoQuorum if they are required
        and too few.

        `prove` is called from other threads, one at a time, while this one waits: it must not
        want a lock that the caller holds.
        """
        signed = self._collect(checkpoint, _one_at_a_time(prove))
        if self.required and not self.policy.is_met_by(signed.keys()):
            raise NoQuorum(
                f"{len(signed)} cosignatures do not make the quorum; {self._complaints()}"
            )
        return add_signatures(checkpoint, signed.values())

    def standing(self) -> tuple[WitnessStanding, ...]:
        """Each witness that has an address, in the policy's order."""
        return tuple(each.standing for each in self._asked)

    def _collect(self, checkpoint: Checkpoint, prove: Prove) -> Signed:
        deadline = self._clock() + self._seconds
        answers: SimpleQueue[Signed] = SimpleQueue()
        waiting = sum(each.start(checkpoint, prove, deadline, answers) for each in self._asked)
        signed: dict[Verifier, Signature] = {}
        try:
            for _ in range(waiting):
                signed |= answers.get(timeout=max(deadline - self._clock(), 0))
        except Empty:
            pass  # those that are late notice it themselves
        return signed

    def _complaints(self) -> str:
        said = (f"{each.name}: {each.error}" for each in self.standing() if each.error)
        return "; ".join(said) or "the policy asks for more witnesses than have an address"


class _Witness:
    """One address, the keys that sign there, and what is known of them."""

    def __init__(self, url: str, known: Sequence[KnownWitness], clock: Clock) -> None:
        check_url(url)
        self._clock = clock
        self._url = url.rstrip("/") + "/add-checkpoint"
        self._keys = [each.verifier for each in known]
        self._busy = Lock()
        self._old = 0  # the size it signed last; 0 makes it say so
        self._pause = 0.0
        self._not_before = 0.0
        self.standing = WitnessStanding(known[0].verifier.name, url)

    def start(
        self, checkpoint: Checkpoint, prove: Prove, deadline: float, answers: SimpleQueue[Signed]
    ) -> bool:
        """Ask in a thread of its own, unless it rests or still owes an answer to the last."""
        if self._clock() < self._not_before or not self._busy.acquire(blocking=False):
            return False
        arguments = (checkpoint, prove, deadline, answers)
        Thread(target=self._run, args=arguments, name=self._url, daemon=True).start()
        return True

    def _run(
        self, checkpoint: Checkpoint, prove: Prove, deadline: float, answers: SimpleQueue[Signed]
    ) -> None:
        signed: Signed = {}
        try:
            signed = self._ask(checkpoint, prove, deadline)
            self._succeeded(checkpoint, signed)
        except LedgerError as error:
            self._failed(error)
        finally:
            self._busy.release()
            answers.put(signed)

    def _ask(self, checkpoint: Checkpoint, prove: Prove, deadline: float) -> Signed:
        for pause in (*_BACKOFF, None):
            # After a size beyond ours, be it true or a lie, it may say a new one.
            old = self._old if self._old <= checkpoint.size else 0
            proof = prove(old, checkpoint.size) if 0 < old < checkpoint.size else ()
            body = format_request(old, proof, checkpoint.text)
            answer = post(
                self._url,
                body,
                "text/plain; charset=utf-8",
                seconds=deadline - self._clock(),
                most=_LONGEST_ANSWER,
            )
            if answer.status == 200:
                return read_answer(checkpoint, answer.body, self._keys)
            if answer.status != 409:
                raise Unreachable(f"answered {answer.status}: {_shown(answer.body)}")
            self._old = from_decimal(from_utf8(answer.body).removesuffix("\n"))
            if self._old > checkpoint.size:
                raise _Ahead(f"has signed {self._old} entries already, this is {checkpoint.size}")
            time.sleep(pause or 0)
        raise Unreachable("named another size each time it was asked")

    def _succeeded(self, checkpoint: Checkpoint, signed: Signed) -> None:
        at = max(scheme.signed_at(key.kind, line.signature) or 0 for key, line in signed.items())
        self.standing = replace(self.standing, size=checkpoint.size, at=at, error=None)
        self._old = checkpoint.size
        self._pause = self._not_before = 0.0

    def _failed(self, error: LedgerError) -> None:
        self.standing = replace(self.standing, error=str(error))
        if not isinstance(error, _Ahead):
            self._pause = min(max(1.0, 2 * self._pause), LONGEST_PAUSE)
            self._not_before = self._clock() + self._pause


class _Ahead(VerificationError):
    """The witness knows a larger tree: another process published meanwhile, no fault of its own."""


def format_request(old: int, proof: Iterable[bytes], note: str) -> bytes:
    """The body of an add-checkpoint request."""
    lines = "".join(f"{to_base64(each)}\n" for each in proof)
    return f"old {old}\n{lines}\n{note}".encode()


def read_answer(checkpoint: Checkpoint, body: bytes, keys: Iterable[Verifier]) -> Signed:
    """The lines of a witness's answer that cosign the checkpoint, at least one.

    The lines are parsed alone and held against our own text: an answer that brought a text of
    its own along could otherwise have a signature over that accepted.
    """
    note = Note(parse_note(checkpoint.text).text, parse_signatures(from_utf8(body)))
    signed = verified(note, keys)
    if not signed:
        raise VerificationError("the answer has no line by a key of the policy")
    if not all(scheme.signed_at(key.kind, line.signature) for key, line in signed.items()):
        raise VerificationError("a cosignature without a time")
    return signed


def _by_url(witnesses: Iterable[KnownWitness]) -> dict[str, list[KnownWitness]]:
    found: dict[str, list[KnownWitness]] = {}
    for each in witnesses:
        if each.url is not None:
            found.setdefault(each.url, []).append(each)
    return found


def _one_at_a_time(prove: Prove) -> Prove:
    lock = Lock()

    def locked(old: int, new: int) -> Sequence[bytes]:
        with lock:
            return prove(old, new)

    return locked


def _shown(body: bytes) -> str:
    return body[:200].decode("utf-8", "replace").strip() or "nothing"
