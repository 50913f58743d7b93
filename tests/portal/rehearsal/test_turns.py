from __future__ import annotations

import threading
from pathlib import Path

from portal.rehearsal.turns import own_turn

SECONDS = 120


def test_a_second_play_waits_until_the_first_has_ended(tmp_path: Path) -> None:
    token, order = tmp_path / "operator.token", list[str]()
    token.write_text("secret")

    def second() -> None:
        with own_turn(token):
            order.append("second")

    with own_turn(token):
        playing = threading.Thread(target=second)
        playing.start()
        playing.join(0.3)
        order.append("first")
    playing.join(SECONDS)
    assert order == ["first", "second"]


def test_without_a_token_file_nothing_is_waited_for(tmp_path: Path) -> None:
    with own_turn(tmp_path / "nowhere"):
        pass
