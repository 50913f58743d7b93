from __future__ import annotations

import pytest
from apiflask import APIFlask
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from portal.access import Role
from tests.browser import DESK_WIDTH, PHONE_WIDTH, OpenPage, Serve, turn_page
from tests.people import PASSWORD, enroll

BUYER = "buyer@mingan.example"

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def buyer(app: APIFlask) -> None:
    enroll(app, BUYER, Role.BUYER, buyer_ref="B-1")


def send(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"#{name}", value)
    turn_page(page.locator("main form button[type=submit]"))


@pytest.mark.parametrize("width", [PHONE_WIDTH, DESK_WIDTH])
def test_signing_in_says_what_was_wrong_and_then_opens_the_page(
    app: APIFlask, serve: Serve, open_page: OpenPage, width: int
) -> None:
    page = open_page(serve(app) + "/account/password", width, locale="zh-CN")
    assert page.title().startswith("登录")
    send(page, email=BUYER, password="not the horse")
    assert "邮箱或密码不正确" in page.inner_text("[role=alert]")
    assert page.input_value("#email") == BUYER
    assert Axe().run(page).violations_count == 0
    send(page, password=PASSWORD)
    assert page.title().startswith("修改密码")
    assert Axe().run(page).violations_count == 0


def test_a_new_password_that_differs_from_its_repetition_is_named_at_its_field(
    app: APIFlask, serve: Serve, open_page: OpenPage
) -> None:
    page = open_page(serve(app) + "/account/password", locale="zh-CN")
    send(page, email=BUYER, password=PASSWORD)
    send(page, password=PASSWORD, new_password="battery staple", new_password_confirm="battery")
    assert page.get_attribute("#new_password_confirm", "aria-invalid") == "true"
    assert "密码不匹配" in page.inner_text("#new_password_confirm-error")
