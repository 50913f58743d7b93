"""Which signatures suffice: tlog-policy files, read and applied."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.checkpoint import Checkpoint, add_signatures
from ledger.errors import VerificationError
from ledger.note import Verifier, parse_note
from ledger.witnessing.policy import Policy, parse_policy, read_witnessed
from tests.ledger.notary import AT, a_checkpoint, a_cosigner, a_signer

NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
LOG = a_signer()


def key_of(name: str, kind: int = 0) -> Verifier:
    return a_cosigner(f"{name.lower()}.example").verifiers[kind]


def a_policy(*lines: str) -> Policy:
    """The example of the specification, with the lines after its witnesses replaced."""
    return parse_policy("".join(f"{line}\n" for line in (*the_parties(), *lines)).encode())


def the_parties() -> list[str]:
    return [
        "# two associations",
        f"log {LOG.vkey} https://log.example/",
        *(f"witness {name} {key_of(name).vkey}" for name in NAMES),
    ]


GROUPS = (
    "group X-witnesses 2 X1 X2 X3",
    "group Y-witnesses any Y1 Y2 Y3",
    "group X-and-Y all X-witnesses Y-witnesses",
)


def is_met(policy: Policy, names: str) -> bool:
    return policy.is_met_by([key_of(name) for name in names.split()])


@pytest.mark.parametrize(
    ("names", "met"),
    [
        ("X1 X3 Y2", True),
        ("X1 X2 X3 Y1 Y2 Y3", True),
        ("X1 Y1 Y2 Y3", False),
        ("X1 X2 X3", False),
        ("", False),
        ("X1 X1 Y1", False),
    ],
)
def test_the_example_of_the_specification(names: str, met: bool) -> None:
    assert is_met(a_policy(*GROUPS, "quorum X-and-Y"), names) == met


def test_a_quorum_can_be_one_witness_or_nobody() -> None:
    assert is_met(a_policy("quorum X2"), "X2")
    assert not is_met(a_policy("quorum X2"), "X1 X3")
    assert is_met(a_policy("quorum none"), "")


def test_an_unknown_witness_does_not_count() -> None:
    policy = a_policy("group all-X all X1 X2 X3", "quorum all-X")
    strangers = [key_of("Z1"), key_of("Z2"), key_of("X1", 1)]
    assert not policy.is_met_by([key_of("X1"), key_of("X2"), *strangers])


def test_one_witness_may_have_a_key_of_each_kind() -> None:
    policy = a_policy(
        f"witness X1-new {key_of('X1', 1).vkey} https://x1.example",
        "group X1-any any X1 X1-new",
        "quorum X1-any",
    )
    assert policy.is_met_by([key_of("X1", 1)])
    assert policy.witnesses[-1].url == "https://x1.example"


def test_blanks_comments_and_foreign_letters_are_allowed() -> None:
    vkey = key_of("X1").vkey
    text = f" \t\n\t# 注释\n witness  消协\t{vkey} https://消协.example/ \nquorum 消协\n"
    policy = parse_policy(text.encode())
    assert policy.is_met_by([key_of("X1")])
    assert not policy.is_met_by([])


def test_names_are_octets_and_not_letters() -> None:
    """The letter K and the sign for kelvin look alike, and some programs fold them."""
    vkeys = key_of("X1").vkey, key_of("X2").vkey
    text = f"witness K {vkeys[0]}\nwitness \u212a {vkeys[1]}\nquorum K\n"
    policy = parse_policy(text.encode())
    assert policy.is_met_by([key_of("X1")])
    assert not policy.is_met_by([key_of("X2")])
    latin = text.encode().replace("\u212a".encode(), b"\xe9")
    assert parse_policy(latin).witnesses[1].verifier == key_of("X2")


def test_many_parties_fit() -> None:
    witnesses = [f"witness w{n} {a_cosigner(f'w{n}.example').vkey} http://w" for n in range(40)]
    logs = [f"log {a_signer(f'log{n}.example').vkey}" for n in range(40)]
    groups = [f"group g{n} 1 {'g' if n else 'w'}{max(n - 1, 0)}" for n in range(100)]
    text = "\n".join([*witnesses, *logs, *groups, "quorum g99", ""])
    policy = parse_policy(text.encode())
    assert policy.is_met_by([a_cosigner("w0.example").verifier])
    assert not policy.is_met_by([a_cosigner("w1.example").verifier])


WRONG = {
    "no quorum": GROUPS,
    "two quorums": ("quorum X1", "quorum X1"),
    "a quorum of nobody known": ("quorum Z1",),
    "a quorum defined below": ("quorum late", "group late any X1"),
    "a group defined below": ("group early any late", "group late any X1", "quorum early"),
    "a group within itself": ("group g any g", "quorum g"),
    "a member of two groups": ("group a any X1", "group b any X1 X2", "quorum b"),
    "a member twice": ("group a 2 X1 X1", "quorum a"),
    "nobody as a member": ("group a any none", "quorum a"),
    "a group without members": ("group a any", "quorum none"),
    "a threshold of none": ("group a 0 X1", "quorum a"),
    "a threshold above all": ("group a 3 X1 X2", "quorum a"),
    "a threshold with a zero": ("group a 01 X1 X2", "quorum a"),
    "a negative threshold": ("group a -1 X1 X2", "quorum a"),
    "a name twice": (f"witness X1 {key_of('Z1').vkey}", "quorum none"),
    "the name of a witness for a group": ("group X1 any X2", "quorum none"),
    "a witness called none": (f"witness none {key_of('Z1').vkey}", "quorum none"),
    "a key twice": (f"witness Z1 {key_of('X1').vkey}", "quorum none"),
    "the key of a log as a witness": (f"witness Z1 {LOG.vkey}", "quorum none"),
    "the key of a witness as a log": (f"log {key_of('Z1').vkey}", "quorum none"),
    "a log twice": (f"log {LOG.vkey}", "quorum none"),
    "a word too many": ("quorum X1 X2",),
    "an unknown word": ("quorom X1", "quorum none"),
    "a key that is none": ("witness Z1 z.example+00000000+AAAA", "quorum none"),
    "a blank of another kind": ("quorum\u00a0none",),
    "a carriage return": ("quorum none\r",),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_policy_with_a_mistake_is_refused(what: str) -> None:
    with pytest.raises(VerificationError):
        a_policy(*WRONG[what])


def test_a_key_under_another_name_is_still_the_same_key() -> None:
    again = Verifier("alias.example", key_of("X1").public_key, key_of("X1").kind)
    with pytest.raises(VerificationError, match="second time"):
        a_policy(f"witness alias {again.vkey}", "quorum none")


def test_a_policy_cut_off_anywhere_is_refused_and_never_weaker() -> None:
    """`quorum none-of-us` without its end would be `quorum none`."""
    text = a_policy(*GROUPS, "quorum X-and-Y").text
    for end in range(len(text)):
        with pytest.raises(VerificationError):
            parse_policy(text[:end])


def test_a_mistake_is_told_with_its_line() -> None:
    with pytest.raises(VerificationError, match="line 9: Z1"):
        a_policy("quorum Z1")


def cosigned(*names: str) -> Checkpoint:
    checkpoint = a_checkpoint(5)
    text = parse_note(checkpoint.text).text
    lines = [a_cosigner(f"{name.lower()}.example").sign(text, AT).signatures[0] for name in names]
    return add_signatures(checkpoint, lines)


def test_a_checkpoint_counts_with_its_log_and_its_quorum() -> None:
    policy = a_policy(*GROUPS, "quorum X-and-Y")
    checkpoint, cosignatures = read_witnessed(cosigned("X1", "X2", "Y3").text, policy)
    assert checkpoint.size == 5
    assert [each.verifier.name for each in cosignatures] == [
        "x1.example",
        "x2.example",
        "y3.example",
    ]


def test_a_checkpoint_without_its_quorum_does_not_count() -> None:
    with pytest.raises(VerificationError, match=r"too few witnesses.*x1\.example"):
        read_witnessed(cosigned("X1").text, a_policy(*GROUPS, "quorum X-and-Y"))


def test_a_quorum_does_not_make_up_for_the_log() -> None:
    without_log = parse_policy(b"quorum none\n")
    with pytest.raises(VerificationError, match="not signed by its log"):
        read_witnessed(cosigned("X1").text, without_log)
    assert read_witnessed(cosigned("X1").text, without_log, LOG.verifiers)[0].size == 5


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_spoiled_policy_is_refused_properly(data: st.DataObject) -> None:
    text = a_policy(*GROUPS, "quorum X-and-Y").text
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 20)))
    with suppress(VerificationError):
        parse_policy(text[:start] + data.draw(st.binary(max_size=20)) + text[stop:])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_junk_is_no_policy(content: bytes) -> None:
    with pytest.raises(VerificationError):
        parse_policy(content)
