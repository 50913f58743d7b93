"""Static files keep the promise that one name stands for one content."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from portal.assets import read_assets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("css", "js"):
        (tmp_path / name).mkdir()
    (tmp_path / "css/10-b.css").write_text("b{}")
    (tmp_path / "css/00-a.css").write_text("a{}")
    (tmp_path / "js/inner.js").write_text("export const A = 1;\n")
    (tmp_path / "js/outer.js").write_text('import { A } from "./inner.js";\n')
    return tmp_path


def test_style_sheets_are_joined_in_the_order_of_their_names(folder: Path) -> None:
    assert read_assets(folder)["app.css"].content == b"a{}\nb{}"


def test_a_script_imports_by_the_served_name(folder: Path) -> None:
    assets = read_assets(folder)
    inner = assets["js/inner.js"].path.removeprefix("js/")
    assert f'from "./{inner}"' in assets["js/outer.js"].content.decode()


def test_a_changed_import_changes_the_importing_name(folder: Path) -> None:
    before = read_assets(folder)["js/outer.js"].path
    (folder / "js/inner.js").write_text("export const A = 2;\n")
    assert read_assets(folder)["js/outer.js"].path != before


def test_assets_may_be_kept_for_ever_and_are_not_asked_for_twice(app: Flask) -> None:
    client = app.test_client()
    path = re.search(r"/assets/app-[0-9a-f]{8}\.css", client.get("/nowhere").text)[0]
    answer = client.get(path)
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.content_type == "text/css; charset=utf-8"
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_an_old_name_is_not_answered_with_new_content(app: Flask) -> None:
    assert app.test_client().get("/assets/app-00000000.css").status_code == 404
