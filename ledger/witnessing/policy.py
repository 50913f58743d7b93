"""Whose signatures suffice (C2SP tlog-policy): known logs, known witnesses, and the quorum.

    # comments and empty lines are ignored; items are parted by spaces and tabs
    log      <vkey> [<url>]                          a key of type 01 or 06; any one will do
    witness  <name> <vkey> [<url>]                   a key of type 04 or 06
    group    <name> all|any|<k> <member> ...         k of these witnesses and groups
    quorum   <name>|none                             exactly once

Names mean nothing outside of the file. Groups and the quorum name what stands above them, and
each name is a member once at most, so that a witness counts in one way only. The last line
must end in a newline too: cut off anywhere, a policy is refused rather than weakened.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from ledger.checkpoint import (
    LOG_KINDS,
    WITNESS_KINDS,
    Checkpoint,
    Cosignature,
    read_checkpoint,
    read_cosignatures,
)
from ledger.encoding import from_decimal
from ledger.errors import VerificationError
from ledger.note import Verifier, parse_vkey

NONE = "none"
# Far above the 32 of each kind that the format asks for; checking a key costs a millisecond.
_MOST_LINES = 1000
_LONGEST = 1_000_000
_NOT_ALLOWED = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_BLANKS = re.compile("[ \t]+")


@dataclass(frozen=True)
class KnownLog:
    """A log whose checkpoints count."""

    verifier: Verifier
    url: str | None = None


@dataclass(frozen=True)
class KnownWitness:
    """A witness whose cosignatures count; `url` is its submission prefix (tlog-witness)."""

    name: str
    verifier: Verifier
    url: str | None = None


@dataclass(frozen=True)
class Group:
    """Witnesses a checkpoint if at least `threshold` of its members do."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """What a policy file says; `text` is the file."""

    logs: tuple[KnownLog, ...]
    witnesses: tuple[KnownWitness, ...]
    groups: tuple[Group, ...]
    quorum: str
    text: bytes

    @property
    def log_keys(self) -> tuple[Verifier, ...]:
        return tuple(each.verifier for each in self.logs)

    @property
    def witness_keys(self) -> tuple[Verifier, ...]:
        return tuple(each.verifier for each in self.witnesses)

    def is_met_by(self, signers: Collection[Verifier]) -> bool:
        """Whether cosignatures by these keys are a quorum."""
        counted = {each.name for each in self.witnesses if each.verifier in signers}
        for group in self.groups:  # a group only names groups above it
            if len(counted.intersection(group.members)) >= group.threshold:
                counted.add(group.name)
        return self.quorum == NONE or self.quorum in counted


def read_witnessed(
    note: str, policy: Policy, log_keys: Iterable[Verifier] = ()
) -> tuple[Checkpoint, tuple[Cosignature, ...]]:
    """The checkpoint in a note with its cosignatures, if it is one by this policy.

    `log_keys` are for a policy that lists no logs. VerificationError if no known log signed,
    if the quorum is missing or if a line of a known key is false.
    """
    checkpoint = read_checkpoint(note, (*policy.log_keys, *log_keys))
    cosignatures = read_cosignatures(note, policy.witness_keys)
    if not policy.is_met_by([each.verifier for each in cosignatures]):
        names = ", ".join(each.verifier.name for each in cosignatures) or "nobody"
        raise VerificationError(f"too few witnesses for the quorum {policy.quorum}: {names}")
    return checkpoint, cosignatures


def parse_policy(content: bytes) -> Policy:
    """The policy in a file; VerificationError, naming the line, unless it is one."""
    if len(content) > _LONGEST or _NOT_ALLOWED.search(content):
        raise VerificationError("not a policy: too long, or with control characters")
    # Octets above 127 are opaque: they go through unchanged, be they UTF-8 or not.
    lines = content.decode("ascii", "surrogateescape").split("\n")
    if lines.pop() or len(lines) > _MOST_LINES:
        raise VerificationError("not a policy: too many lines, or the last one is cut off")
    draft = _Draft()
    for number, line in enumerate(lines, 1):
        draft.read(number, _BLANKS.sub(" ", line).strip(" "))
    return draft.finish(content)


@dataclass
class _Draft:
    """A policy while its lines are read."""

    logs: list[KnownLog] = field(default_factory=list)
    witnesses: list[KnownWitness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)

    def read(self, number: int, line: str) -> None:
        if not line or line.startswith("#"):
            return
        try:
            self._read_items(line.split(" "))
        except VerificationError as error:
            raise VerificationError(f"policy, line {number}: {error}") from None

    def finish(self, content: bytes) -> Policy:
        if self.quorum is None:
            raise VerificationError("a policy has a line that says which quorum it asks for")
        lists = tuple(self.logs), tuple(self.witnesses), tuple(self.groups)
        return Policy(*lists, self.quorum, content)

    def _read_items(self, items: list[str]) -> None:
        match items:
            case ["log", vkey, *url] if len(url) < 2:
                known = [each.verifier for each in self.logs]
                self.logs.append(KnownLog(_key(vkey, LOG_KINDS, known), *url))
            case ["witness", name, vkey, *url] if len(url) < 2:
                known = [each.verifier for each in self.witnesses]
                key = _key(vkey, WITNESS_KINDS, known)
                self.witnesses.append(KnownWitness(self._new_name(name), key, *url))
            case ["group", name, threshold, first, *others]:
                group = self._group(name, threshold, (first, *others))
                self.groups.append(group)
            case ["quorum", name]:
                self._set_quorum(name)
            case _:
                raise VerificationError("not a log, a witness, a group or a quorum")

    def _group(self, name: str, threshold: str, members: tuple[str, ...]) -> Group:
        for member in members:
            if member not in self.names or member in self.members:
                raise VerificationError(f"{_shown(member)} is not defined above, or counted twice")
            self.members.add(member)
        words = {"all": len(members), "any": 1}
        count = words[threshold] if threshold in words else from_decimal(threshold)
        if not 0 < count <= len(members):
            raise VerificationError(f"{count} of {len(members)} members cannot be")
        return Group(self._new_name(name), count, members)

    def _set_quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise VerificationError("a second quorum")
        if name != NONE and name not in self.names:
            raise VerificationError(f"{_shown(name)} is not defined above")
        self.quorum = name

    def _new_name(self, name: str) -> str:
        if name == NONE or name in self.names:
            raise VerificationError(f"{_shown(name)} has a meaning already")
        self.names.add(name)
        return name


def _key(vkey: str, kinds: tuple[bytes, ...], known: Iterable[Verifier]) -> Verifier:
    # The vkey may hold UTF-8 in its name, which parse_vkey wants to see as text.
    verifier = parse_vkey(_octets(vkey).decode("utf-8", "surrogateescape"))
    if verifier.kind not in kinds:
        raise VerificationError(f"a key of type {verifier.kind.hex()} cannot sign this")
    if any(verifier.public_key == other.public_key for other in known):
        raise VerificationError("the same public key a second time")
    return verifier


def _octets(text: str) -> bytes:
    return text.encode("ascii", "surrogateescape")


def _shown(name: str) -> str:
    return _octets(name).decode("utf-8", "replace")
