"""The file that names the trustees, their enrolment, and the three of the demo."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from portal import events as e
from portal.config import Config, ConfigError
from portal.trustees.company import demo_trustees, prepare_trustees
from portal.trustees.enrolment import enroll_configured, keyholders, sealing_to
from portal.trustees.settings import read_trustees
from portal.trustees.standing import standings
from tests.houses import open_house

KEYS = ("AAAA" * 10 + "AAA=", "AQAA" + "AAAA" * 9 + "AAA=", "AgAA" + "AAAA" * 9 + "AAA=")
HOLDERS = ("OPERATOR", "ASSOCIATION", "THIRD")


def written(folder: Path, **changes: str) -> str:
    """The path of settings for three, with fields of the first one changed."""
    (folder / "t.token").write_text("x" * 40)
    parts = []
    for number, holder in enumerate(HOLDERS):
        fields = {
            "name": f"t{number}",
            "holder": holder,
            "key": KEYS[number],
            "url": "http://127.0.0.1:9",
            "token_file": "t.token",
        }
        fields |= changes if number == 0 else {}
        lines = [f'{name} = "{value}"' for name, value in fields.items()]
        parts.append("\n".join(["[[trustee]]", *lines]))
    (folder / "trustees.toml").write_text("\n".join(parts))
    return str(folder / "trustees.toml")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"holder": "THIRD"}, "one of each"),
        ({"holder": "SOMEBODY"}, "one of each"),
        ({"name": "t1"}, "twice"),
        ({"key": KEYS[1]}, "twice"),
        ({"key": "short"}, "32 bytes"),
        ({"name": "T 0"}, "small letters"),
        ({"url": "ftp://x"}, "http"),
        ({"token_file": "missing"}, "missing"),
        ({"more": "x"}, "has the texts"),
    ],
)
def test_settings_that_would_weaken_the_seal_are_refused(
    tmp_path: Path, changes: dict[str, str], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_trustees(written(tmp_path, **changes))


def test_wrong_settings_stop_the_portal_at_its_start(tmp_path: Path) -> None:
    environ = {"MINGAN_HOME": str(tmp_path / "home"), "MINGAN_TRUSTEES": str(tmp_path / "none")}
    with pytest.raises(ConfigError, match="MINGAN_TRUSTEES"):
        Config.from_environ(environ)
    path = written(tmp_path)
    config = Config.from_environ(environ | {"MINGAN_TRUSTEES": path})
    assert [each.holder for each in config.trustees] == list(HOLDERS)
    assert "x" * 40 not in repr(config.trustees)


def test_enrolment_is_recorded_once_and_a_new_key_retires_the_old(tmp_path: Path) -> None:
    house = open_house(tmp_path / "home")
    three = read_trustees(written(tmp_path))
    assert sealing_to(house.sessions, three) == ()
    for _start in range(2):
        enroll_configured(house.recorder, house.sessions, three)
    assert [each.name for each in sealing_to(house.sessions, three)] == ["t0", "t1", "t2"]
    other = read_trustees(written(tmp_path, key="AwAA" + "AAAA" * 9 + "AAA="))
    enroll_configured(house.recorder, house.sessions, other)
    enroll_configured(house.recorder, house.sessions, three)
    history = house.projection.stream("trustees")
    kinds = [type(entry.event) for entry in history.entries]
    assert kinds == [
        *[e.TrusteeEnrolled] * 3,
        *[e.TrusteeRetired, e.TrusteeEnrolled] * 2,
    ]
    assert keyholders(house.sessions).named("t0") == three[0].public


def test_the_demos_three_come_and_go_with_the_portal(tmp_path: Path) -> None:
    config = Config.for_folder(tmp_path / "home", rehearsal=True)
    prepare_trustees(config)
    with demo_trustees(config) as sealing:
        assert [each.state for each in standings(sealing.trustees)] == ["OK"] * 3
    assert [each.state for each in standings(sealing.trustees)] == ["AWAY"] * 3
    with demo_trustees(config) as again, closing(open_house(tmp_path / "home").log):
        assert [t.public for t in again.trustees] == [t.public for t in sealing.trustees]


def test_nothing_is_started_where_no_demo_was_made(tmp_path: Path) -> None:
    config = Config.for_folder(tmp_path / "home")
    prepare_trustees(config)
    with demo_trustees(config) as same:
        assert same is config
