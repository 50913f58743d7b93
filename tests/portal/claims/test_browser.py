"""A claim on a phone with scripts: files travel at once, and both ends agree on what they are."""

from __future__ import annotations

import re

import pytest
from apiflask import APIFlask
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from portal.access import Role
from tests.browser import DESK_WIDTH, PHONE_WIDTH, OpenPage, Serve, turn_page
from tests.builders import SAMPLES, a_draft, buyer_of, file_sample
from tests.people import PASSWORD, enroll

pytestmark = pytest.mark.browser
SILK = "silk-shirt"
FILES = SAMPLES / SILK / "evidence" / "buyer"


@pytest.fixture
def email(app: APIFlask) -> str:
    actor = buyer_of(SILK)
    enroll(app, "phone@example.com", Role.BUYER, buyer_ref=actor.buyer_ref, platform=actor.platform)
    return "phone@example.com"


def enter(page: Page, email: str) -> None:
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    turn_page(page.get_by_role("button", name="登录"))


def test_a_claim_is_filed_from_a_phone(
    app: APIFlask, serve: Serve, open_page: OpenPage, email: str
) -> None:
    page = open_page(serve(app) + "/claims/new", locale="zh-CN")
    enter(page, email)
    turn_page(page.get_by_role("link", name="澜禾缎面翻领衬衫"))
    page.get_by_text("材质或成分和主播说的不一样").first.click()
    turn_page(page.get_by_role("button", name="下一步：传凭证"))
    page.get_by_label("主播怎么说，你收到的是什么样").fill("吊牌写聚酯纤维95%。")
    page.get_by_label("百分百桑蚕丝").first.check()
    page.locator("input[type=file][multiple]").set_input_files(
        [FILES / "tag.jpg", FILES / "item.heic"]
    )
    expect(page.get_by_text(re.compile("两端一致"))).to_have_count(2)
    page.locator(".file", has_text="item.heic").get_by_role("button").click()
    expect(page.locator(".files .file")).to_have_count(1)
    expect(page.get_by_label("主播怎么说，你收到的是什么样")).to_have_value("吊牌写聚酯纤维95%。")
    turn_page(page.get_by_role("button", name="下一步：核对"))
    expect(page.get_by_role("heading", name="核对后提交")).to_be_visible()
    expect(page.get_by_text("tag.jpg")).to_be_visible()
    turn_page(page.get_by_role("button", name="提交投诉"))
    expect(page.get_by_role("heading", name="已收到你的投诉")).to_be_visible()


def test_what_was_written_when_the_session_ended_is_put_back(
    app: APIFlask, serve: Serve, open_page: OpenPage, email: str
) -> None:
    address = f"{serve(app)}/claims/draft/{a_draft(app, SILK, files=False)}/evidence"
    page = open_page(address, locale="zh-CN")
    enter(page, email)
    page.get_by_label("主播怎么说，你收到的是什么样").fill("写了很久的一段话")
    page.context.clear_cookies()
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.get_by_text("登录已过期，刚才的没有提交")).to_be_visible()
    enter(page, email)
    expect(page.get_by_label("主播怎么说，你收到的是什么样")).to_have_value("写了很久的一段话")


@pytest.mark.parametrize("width", [PHONE_WIDTH, DESK_WIDTH])
def test_the_pages_of_a_claim_have_no_barriers(
    app: APIFlask, serve: Serve, open_page: OpenPage, email: str, width: int
) -> None:
    draft_id, address = a_draft(app, SILK), serve(app)
    page = open_page(f"{address}/claims/draft/{draft_id}/evidence", width=width, locale="zh-CN")
    enter(page, email)
    for path in ("evidence", "check"):
        page.goto(f"{address}/claims/draft/{draft_id}/{path}")
        assert barriers(page) == []
    case_no = file_sample(app, SILK)
    for path in (f"/cases/{case_no}", f"/cases/{case_no}/evidence", "/me", "/messages"):
        page.goto(address + path)
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def barriers(page: Page) -> list[str]:
    tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": tags}).response["violations"]
    return [f"{page.url}: {each['id']}: {each['help']}" for each in found]
