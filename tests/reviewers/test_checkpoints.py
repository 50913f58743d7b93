from __future__ import annotations

from base64 import b64encode

import pytest

from reviewers.checkpoints import cosignatures, read_checkpoint
from reviewers.errors import CheckpointUnreadable

ROOT = bytes(range(32))


def line(name: str, key_id: bytes, body: bytes) -> str:
    return f"— {name} {b64encode(key_id + body).decode()}\n"


OURS = line("mingan.example/log", b"\0\0\0\1", b"own")
HEAD = f"mingan.example/log\n42\n{b64encode(ROOT).decode()}\n"
A_NOTE = f"{HEAD}\n{OURS}"


def test_size_and_root_are_read() -> None:
    found = read_checkpoint(A_NOTE)

    assert (found.origin, found.size, found.root) == ("mingan.example/log", 42, ROOT)


def test_the_log_itself_adds_nothing_to_the_seed() -> None:
    post_quantum = line("mingan.example/log", b"\0\0\0\2", b"mldsa" * 400)

    assert cosignatures(A_NOTE + post_quantum) == ()


def test_cosignatures_stand_in_the_order_of_key_ids_whatever_order_they_came_in() -> None:
    early = line("z.example", b"\0\0\0\5", b"late name, early key")
    late = line("a.example", b"\0\0\0\6", b"late key")
    expected = (b"late name, early key", b"late key")

    assert cosignatures(A_NOTE + early + late) == expected
    assert cosignatures(f"{HEAD}\n{late}{OURS}{early}") == expected


def test_two_signatures_of_one_key_stand_in_the_order_of_their_bytes() -> None:
    lines = [line("a.example", b"\0\0\0\5", body) for body in (b"b", b"a")]

    assert cosignatures(A_NOTE + "".join(lines)) == (b"a", b"b")


def test_further_lines_of_the_checkpoint_are_no_signatures() -> None:
    assert read_checkpoint(f"{HEAD}further line\n\n{OURS}").cosigned == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        HEAD,
        A_NOTE.replace("\n42\n", "\n042\n"),
        A_NOTE.replace("\n42\n", "\n-1\n"),
        A_NOTE.replace("\n42\n", "\n４２\n"),
        A_NOTE.replace(b64encode(ROOT).decode(), "AAAA"),
        A_NOTE.replace(b64encode(ROOT).decode(), "*"),
        A_NOTE + "no signature\n",
        A_NOTE + "— a.example AAAA\n",
        A_NOTE + "— a.example *\n",
        A_NOTE + "— a.example AAAAAAA\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(CheckpointUnreadable):
        read_checkpoint(text)
