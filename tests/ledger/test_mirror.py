"""A mirror: keeps all, verifies all before it keeps it, and never follows a rewritten history."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledger import Log
from ledger.__main__ import main
from ledger.checkpoint import parse_checkpoint, read_checkpoint
from ledger.errors import LedgerError, NotStored, StoreUnavailable, Unreachable, VerificationError
from ledger.mirroring.http_get import Website
from ledger.mirroring.mirror import Mirror, Rewritten, open_mirror, run
from ledger.mirroring.mirror_config import MirrorConfig, parse_config
from ledger.stores.folder import FolderStore
from ledger.tiles import right_edge
from tests.ledger.builders import ORIGIN, SIGNER, a_log
from tests.ledger.websites import serving, serving_files
from tests.seaweed import free_port

ROOT = Path(__file__).parents[2]
SIZES = [1, 2, 255, 256, 257, 511, 700]


def a_history(folder: Path, sizes: list[int], word: str = "entry") -> FolderStore:
    """A log of plain entries, published at each of these sizes."""
    store = FolderStore(folder)
    log = a_log(store)
    for size in sizes:
        grow(log, size, word)
    log.close()
    return store


def grow(log: Log, size: int, word: str = "entry") -> None:
    """Append until the published size, map entry included, is this or one more."""
    count = max(size - log.size - 1, 1)
    payloads = [f"{word} {log.size + number}".encode() for number in range(count)]
    log.append("pool", log.head("pool"), payloads, key=f"{word} up to {size}")
    log.publish()


def a_config(folder: Path, source: str) -> MirrorConfig:
    return MirrorConfig(source, SIGNER.verifiers, folder, None, 60)


def update(folder: Path, source: str) -> int:
    """Look once; how many entries are held."""
    with open_mirror(a_config(folder, source)) as mirror:
        held = mirror.update()
        return held.size if held else 0


def public(store: FolderStore) -> dict[str, bytes]:
    """What anybody can fetch of the newest tree."""
    keys = [key for key in store.keys("") if key.startswith(("tile/", "checkpoint", "log.vkey"))]
    return {key: store.get(key) for key in keys}


def test_it_holds_every_tile_and_entry_at_every_size(tmp_path: Path) -> None:
    for size in SIZES:
        store = a_history(tmp_path / str(size), [size])
        with serving(store) as server:
            held = update(tmp_path / f"copy {size}", server.url)
        assert held >= size
        assert public(FolderStore(tmp_path / f"copy {size}" / "store")) == public(store)


def test_it_follows_a_growing_log(tmp_path: Path) -> None:
    store = a_history(tmp_path / "log", [1])
    log = a_log(store)
    with serving(store) as server:
        for size in SIZES:
            grow(log, size + 3)
            held = update(tmp_path / "copy", server.url)
            assert held == log.size
    copy = public(FolderStore(tmp_path / "copy" / "store"))
    served = {key: content for key, content in public(store).items() if "points" not in key}
    assert all(copy[key] == content for key, content in served.items())
    log.close()


def test_any_web_server_will_do_as_its_source(tmp_path: Path) -> None:
    a_history(tmp_path / "log", [300])
    with serving_files(tmp_path / "log") as url:
        assert update(tmp_path / "copy", url) >= 300


def test_a_mirror_can_be_mirrored(tmp_path: Path) -> None:
    store = a_history(tmp_path / "log", [300])
    with serving(store) as server:
        update(tmp_path / "copy", server.url)
    with serving(FolderStore(tmp_path / "copy" / "store")) as second:
        update(tmp_path / "copy of copy", second.url)
    assert public(FolderStore(tmp_path / "copy of copy" / "store")) == public(store)


def test_a_copy_is_read_and_checked_like_the_log_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = a_history(tmp_path / "log", [3, 300, 700])
    with serving(store) as server:
        update(tmp_path / "copy", server.url)
    copy = str(tmp_path / "copy" / "store")
    missing = ["--secrets", str(tmp_path / "nowhere")]
    assert main(["verify", copy, "--vkey", SIGNER.vkey]) == 0
    assert main(["show", copy, "5", *missing]) == 0
    assert main(["bundle", copy, "pool", "--out", str(tmp_path / "pool.zip"), *missing]) == 0
    assert main(["verify", str(tmp_path / "pool.zip"), "--vkey", SIGNER.vkey]) == 0


def test_a_commit_of_another_history_is_not_kept(tmp_path: Path) -> None:
    store = a_history(tmp_path / "log", [30])
    forged = a_history(tmp_path / "forged", [30], "other")
    key = next(store.keys("commit/"))
    (tmp_path / "log" / key).write_bytes(forged.get(key))
    with serving(store) as server, pytest.raises(VerificationError):
        update(tmp_path / "copy", server.url)
    assert not list(FolderStore(tmp_path / "copy" / "store").keys("commit/"))


def test_a_source_that_shows_only_tiles_will_do(tmp_path: Path) -> None:
    store = a_history(tmp_path / "log", [300])
    for key in list(store.keys("commit/")):
        store.delete(key)
    with serving(store) as server:
        assert update(tmp_path / "copy", server.url) >= 300


def test_what_is_held_already_is_not_fetched_again(tmp_path: Path) -> None:
    store = a_history(tmp_path / "log", [600])
    with serving(store) as server:
        update(tmp_path / "copy", server.url)
        for key in list(store.keys("tile/")):
            store.delete(key)
        assert update(tmp_path / "copy", server.url) >= 600


@pytest.mark.parametrize("size", [40, 300, 700])
def test_a_rewritten_history_is_refused_and_both_signatures_kept(
    tmp_path: Path, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shorter than what is held, as long, or longer."""
    honest = a_history(tmp_path / "honest", [300])
    forged = a_history(tmp_path / "forged", [size], "other")
    config = tmp_path / "mirror.toml"
    with serving(honest) as server:
        config.write_text(a_toml(server.url))
        assert run(config, print, once=True) == 0
    held = public(FolderStore(tmp_path / "copy" / "store"))
    with serving(forged) as server:
        config.write_text(a_toml(server.url))
        assert run(config, print, once=True) == 1
    assert "HAS REWRITTEN ITS HISTORY" in capsys.readouterr().err
    evidence = sorted((tmp_path / "copy" / "evidence").iterdir())
    signed = [read_checkpoint(path.read_text(), SIGNER.verifiers) for path in evidence]
    assert {each.root for each in signed} == {
        parse_checkpoint(store.get("checkpoint").decode()).root for store in (honest, forged)
    }
    assert public(FolderStore(tmp_path / "copy" / "store")) == held


def test_a_convicted_log_is_not_followed_after_a_restart(tmp_path: Path) -> None:
    honest, forged = a_history(tmp_path / "a", [9]), a_history(tmp_path / "b", [19], "other")
    with serving(honest) as server:
        update(tmp_path / "copy", server.url)
    with serving(forged) as server, pytest.raises(Rewritten):
        update(tmp_path / "copy", server.url)
    with serving(honest) as server, pytest.raises(Rewritten):
        update(tmp_path / "copy", server.url)


def test_an_old_checkpoint_from_a_cache_is_no_crime(tmp_path: Path) -> None:
    store = a_history(tmp_path / "log", [30])
    old = store.get("checkpoint")
    a_history(tmp_path / "log", [90])
    with serving(store) as server:
        held = update(tmp_path / "copy", server.url)
        store.replace("checkpoint", old, store.get("checkpoint"))
        assert update(tmp_path / "copy", server.url) == held
    assert not (tmp_path / "copy" / "evidence").exists()


@pytest.mark.parametrize("folder", ["tile/entries/", "tile/1/", "tile/0/"])
def test_a_damaged_file_is_not_kept_and_convicts_nobody(tmp_path: Path, folder: str) -> None:
    """Level 0 is computed from the entries, so that damage there does not matter."""
    store = a_history(tmp_path / "log", [700])
    for key in list(store.keys(folder)):
        damage(tmp_path / "log" / key)
    with serving(store) as server:
        if folder == "tile/0/":
            assert update(tmp_path / "copy", server.url) >= 700
            return
        with pytest.raises(VerificationError) as refusal:
            update(tmp_path / "copy", server.url)
    assert not isinstance(refusal.value, Rewritten)
    assert not list(FolderStore(tmp_path / "copy" / "store").keys("tile/"))


def test_it_recovers_when_the_damage_is_mended(tmp_path: Path) -> None:
    store = a_history(tmp_path / "log", [700])
    victim = tmp_path / "log" / "tile" / "entries" / "001"
    content = victim.read_bytes()
    damage(victim)
    with serving(store) as server:
        with pytest.raises(VerificationError):
            update(tmp_path / "copy", server.url)
        victim.write_bytes(content)
        update(tmp_path / "copy", server.url)
    assert public(FolderStore(tmp_path / "copy" / "store")) == public(store)


def test_the_log_of_somebody_else_is_refused(tmp_path: Path) -> None:
    store = a_history(tmp_path / "log", [9])
    note = store.get("checkpoint")
    store.replace("checkpoint", note.replace(ORIGIN.encode(), b"else.example/log"), note)
    with serving(store) as server, pytest.raises(VerificationError):
        update(tmp_path / "copy", server.url)


def test_a_partial_file_that_was_collected_meanwhile_is_taken_from_the_full_one(
    tmp_path: Path,
) -> None:
    store = a_history(tmp_path / "log", [300])
    old = store.get("checkpoint")
    a_history(tmp_path / "log", [1000])
    size = parse_checkpoint(old.decode()).size
    assert not any(store_has(store, tile.key) for tile in right_edge(size) if tile.height == 0)
    store.replace("checkpoint", old, store.get("checkpoint"))
    with serving(store) as server:
        assert update(tmp_path / "copy", server.url) == size


@pytest.mark.parametrize("source", ["http://127.0.0.1:9", "http://nowhere.invalid"])
def test_a_source_that_is_away_is_said(tmp_path: Path, source: str) -> None:
    with pytest.raises(Unreachable):
        update(tmp_path / "copy", source)


def test_an_empty_site_holds_no_log(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with serving_files(tmp_path / "empty") as url, pytest.raises(NotStored):
        update(tmp_path / "copy", url)


def test_endless_answers_are_cut_off(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "checkpoint").write_bytes(b"x" * 3_000_000)
    with serving_files(tmp_path / "site") as url, pytest.raises(Unreachable):
        update(tmp_path / "copy", url)


def test_two_mirrors_do_not_share_a_folder(tmp_path: Path) -> None:
    config = a_config(tmp_path / "copy", "http://127.0.0.1:9")
    with open_mirror(config), pytest.raises(StoreUnavailable), open_mirror(config):
        pass


def test_a_folder_belongs_to_one_log(tmp_path: Path) -> None:
    config = a_config(tmp_path / "copy", "http://127.0.0.1:9")
    Mirror(config)
    with pytest.raises(LedgerError):
        Mirror(MirrorConfig(config.source, SIGNER.verifiers[:1], config.folder, None, 60))


def test_killed_at_any_moment_it_goes_on_and_misses_nothing(tmp_path: Path) -> None:
    store = a_history(tmp_path / "log", [20_000])
    config = tmp_path / "mirror.toml"
    with serving_files(tmp_path / "log") as url:
        config.write_text(a_toml(url))
        chance = random.Random(7)
        for _ in range(6):
            kill_after(config, 0.25 + chance.random() * 0.5)
        assert run(config, print, once=True) == 0
    assert public(FolderStore(tmp_path / "copy" / "store")) == public(store)


def test_the_command_answers_0_while_all_is_well_and_1_when_it_is_not(tmp_path: Path) -> None:
    config = tmp_path / "mirror.toml"
    with serving(a_history(tmp_path / "a", [9])) as server:
        config.write_text(a_toml(server.url))
        assert main(["mirror", str(config), "--once"]) == 0
    with serving(a_history(tmp_path / "b", [9], "other")) as server:
        config.write_text(a_toml(server.url))
        assert main(["mirror", str(config), "--once"]) == 1


def test_a_running_mirror_serves_what_it_holds_until_the_log_is_convicted(tmp_path: Path) -> None:
    honest, forged = a_history(tmp_path / "a", [300]), a_history(tmp_path / "b", [301], "other")
    port = free_port()
    with serving(honest) as server:
        config = tmp_path / "mirror.toml"
        more = f'listen = "127.0.0.1:{port}"\nevery = 1\n'
        config.write_text(a_toml(server.url) + more)
        process = start(config)
        assert process.stdout is not None
        assert str(port) in process.stdout.readline()
        assert "300 entries are held" in process.stdout.readline()
        with Website(f"http://127.0.0.1:{port}") as site:
            assert site.get("checkpoint", 10_000) == honest.get("checkpoint")
        server.store = forged
        said = process.communicate(timeout=120)[1]
    assert process.returncode == 1
    assert "HAS REWRITTEN ITS HISTORY" in said


def start(config: Path, *options: str) -> subprocess.Popen[str]:
    """A mirror in a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "ledger", "mirror", str(config), *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)


def test_a_configuration_says_everything_that_is_wrong_at_once(tmp_path: Path) -> None:
    wrong = b'source = "ftp://x"\nvkeys = ["nonsense"]\nlisten = "8703"\nevery = 0\ncolour = "red"'
    with pytest.raises(ValueError, match="colour") as refusal:
        parse_config(wrong, tmp_path)
    for name in ("source", "vkeys", "listen", "every"):
        assert name in str(refusal.value)


def test_a_configuration_needs_little(tmp_path: Path) -> None:
    config = parse_config(a_toml("https://log.example").encode(), tmp_path)
    assert config.folder == (tmp_path / "copy").resolve()
    assert config.listen == ("127.0.0.1", 8703)
    assert config.verifiers == SIGNER.verifiers


def a_toml(source: str) -> str:
    keys = ", ".join(f'"{verifier.vkey}"' for verifier in SIGNER.verifiers)
    return f'source = "{source}"\nvkeys = [{keys}]\nfolder = "copy"\n'


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def store_has(store: FolderStore, key: str) -> bool:
    try:
        return store.size(key) > 0
    except NotStored:
        return False


def kill_after(config: Path, seconds: float) -> None:
    """Run a mirror in a process of its own for a while."""
    process = start(config, "--once")
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
