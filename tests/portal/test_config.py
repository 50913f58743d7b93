from __future__ import annotations

import stat
from pathlib import Path

import pytest

from portal.config import Config, ConfigError, Limits


def test_all_wrong_settings_are_named_at_once_and_no_value_is_repeated(tmp_path: Path) -> None:
    wrong = {
        "MINGAN_HOME": str(tmp_path),
        "MINGAN_DATABASE_URL": "mysql://root:hunter2@db/x",
        "MINGAN_STORE_URL": "ftp://user:hunter2@store",
        "MINGAN_PORT": "99999",
        "MINGAN_REHEARSAL": "perhaps",
        "MINGAN_MAX_IMAGE_BYTES": "-1",
        "MINGAN_DATABASE": "sqlite:////x",
    }
    with pytest.raises(ConfigError) as caught:
        Config.from_environ(wrong)
    message = str(caught.value)
    assert all(name in message for name in wrong if name != "MINGAN_HOME")
    assert "hunter2" not in message


def test_a_folder_is_enough_and_nothing_listens_beyond_this_machine(tmp_path: Path) -> None:
    config = Config.from_environ({"MINGAN_HOME": str(tmp_path / "home")})
    assert config.database_url == f"sqlite:///{tmp_path}/home/mingan.sqlite"
    assert config.store_url == f"folder:{tmp_path}/home/store"
    assert config.host == "127.0.0.1"
    assert not config.rehearsal


def test_the_session_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = Config.for_folder(tmp_path)
    path = tmp_path / "keys" / "session.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert Config.for_folder(tmp_path).secret_key == first.secret_key
    assert len(bytes.fromhex(first.secret_key)) == 32


def test_a_key_that_others_can_read_stops_the_start(tmp_path: Path) -> None:
    Config.for_folder(tmp_path)
    (tmp_path / "keys" / "session.key").chmod(0o644)
    with pytest.raises(ConfigError, match="others may read it"):
        Config.for_folder(tmp_path)


def test_a_configuration_does_not_print_its_secrets(tmp_path: Path) -> None:
    address = "postgresql+psycopg://u:hunter2@db/x"
    config = Config.for_folder(tmp_path, database_url=address)
    assert config.secret_key not in repr(config)
    assert "hunter2" not in repr(config)


def test_a_postgres_address_is_read_in_its_usual_form_with_its_password(tmp_path: Path) -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        given = {"MINGAN_HOME": str(tmp_path), "MINGAN_DATABASE_URL": f"{scheme}://u:p@db:5433/x"}
        assert Config.from_environ(given).database_url == "postgresql+psycopg://u:p@db:5433/x"


def test_one_limit_can_be_changed_and_the_others_stay(tmp_path: Path) -> None:
    given = {"MINGAN_HOME": str(tmp_path), "MINGAN_MAX_FILES_PER_SIDE": "7"}
    assert Config.from_environ(given).limits == Limits(max_files_per_side=7)


def test_the_address_people_type_follows_host_and_port(tmp_path: Path) -> None:
    given = {"MINGAN_HOME": str(tmp_path), "MINGAN_PORT": "9000"}
    assert Config.from_environ(given).public_url == "http://127.0.0.1:9000"
    given["MINGAN_PUBLIC_URL"] = "https://mingan.example/"
    config = Config.from_environ(given)
    assert config.public_url == "https://mingan.example"
    assert config.is_https
