"""A whole case in a real browser: a phone for buyer and reviewer, a desk for shop and association,
and at the end the reader's own browser says whether the records were touched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from apiflask import APIFlask
from axe_playwright_python.sync_playwright import Axe
from flask_security import hash_password
from playwright.sync_api import Page, expect
from sqlalchemy import update

from portal.access import Role
from portal.accounts.tables import Account
from portal.cases.tables import EntryRow
from portal.database import db
from tests.browser import DESK_WIDTH, PHONE_WIDTH, OpenPage, Serve, turn_page
from tests.builders import SAMPLES, a_house, buyer_of, document, house_of
from tests.journeys.cast import People
from tests.journeys.examining import examine
from tests.journeys.story import Story
from tests.people import PASSWORD, enroll

pytestmark = pytest.mark.browser

SILK = "silk-shirt"
FILES = SAMPLES / SILK / "evidence"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass
class Stage:
    """A served portal whose duties are done when the test says so."""

    story: Story
    url: str
    open_page: OpenPage

    def enter(self, who: str, path: str, **options: object) -> Page:
        """A browser of one's own in which this person has signed in on the way to `path`."""
        page = self.open_page(f"{self.url}/login?next={path}", locale="zh-CN", **options)
        page.fill("#email", f"{who}@example.com")
        page.fill("#password", PASSWORD)
        turn_page(page.get_by_role("button", name="登录"))
        return page

    @property
    def case_no(self) -> str:
        return self.story.case_no


@pytest.fixture
def app(tmp_path: Path) -> APIFlask:
    app = a_house(tmp_path)
    buyer, shop = buyer_of(SILK), document(SILK, "livestream.json")["merchant"]
    of_buyer = {"buyer_ref": buyer.buyer_ref, "platform": buyer.platform}
    enroll(app, "buyer@example.com", Role.BUYER, **of_buyer)
    enroll(app, "shop@example.com", Role.MERCHANT, shop_id=shop["shop_id"], merchant_id=shop["id"])
    enroll(app, "association@example.com", Role.ASSOCIATION)
    enroll(app, "operator@example.com", Role.OPERATOR)
    return app


@pytest.fixture
def stage(app: APIFlask, serve: Serve, open_page: OpenPage) -> Stage:
    story = Story(app, SAMPLES / SILK, people=People.of(app, SAMPLES / SILK))
    story.hand_over()
    return Stage(story, serve(app), open_page)


def test_a_case_from_the_claim_to_a_seal_that_breaks(stage: Stage) -> None:
    file_claim(stage, stage.enter("buyer", "/claims/new"), scripts=True)
    answer_claim(stage)
    stage.story.keep_up()
    accept_on_a_phone(stage)
    stage.story.take_seats()
    vote_on_a_phone(stage)
    stage.story.vote()
    stage.story.keep_up()
    stage.story.accept_ruling()
    stage.story.keep_up()
    give_back(stage)
    stage.story.keep_up()
    assert list(examine(stage.story)) == []
    verify_and_break(stage)


def file_claim(stage: Stage, page: Page, *, scripts: bool) -> None:
    """The three steps, with real file inputs."""
    turn_page(page.get_by_role("link", name="澜禾缎面翻领衬衫"))
    page.get_by_text("材质或成分和主播说的不一样").first.click()
    turn_page(page.get_by_role("button", name="下一步：传凭证"))
    page.get_by_label("主播怎么说，你收到的是什么样").fill("她说桑蚕丝，吊牌写聚酯纤维95%。")
    page.get_by_label("不是就退一赔三").first.check()
    page.check("input[name=more][value=CONTRACT_PENALTY]")
    page.fill("[name=yuan_CONTRACT_PENALTY]", "987")
    page.locator("input[type=file][multiple]").set_input_files(
        [FILES / "buyer" / "tag.jpg", FILES / "buyer" / "item.heic"]
    )
    if scripts:
        expect(page.get_by_text("两端一致")).to_have_count(2)
    turn_page(page.get_by_role("button", name="下一步：核对"))
    expect(page.get_by_text("item.heic")).to_be_visible()
    turn_page(page.get_by_role("button", name="提交投诉"))
    expect(page.get_by_role("heading", name="已收到你的投诉")).to_be_visible()
    number = page.locator("p.lead b").inner_text()
    stage.story.notebook.keep("send", {"case_no": number})


def answer_claim(stage: Stage) -> None:
    """The shop declines, with a reason and a document."""
    page = stage.enter("shop", "/shop", width=DESK_WIDTH)
    turn_page(page.get_by_role("link", name=stage.case_no).first)
    page.locator("input[name=answer][value=DENY]").check()
    page.select_option("[name=reason_code]", index=1)
    page.fill("[name=text]", "主播讲的是二号链接。")
    page.locator("input[type=file][multiple]").set_input_files(
        FILES / "merchant" / "inspection.pdf"
    )
    expect(page.get_by_text("两端一致")).to_have_count(1)
    turn_page(page.get_by_role("button", name="提交答复"))
    expect(page.locator("form.answer")).to_have_count(0)
    assert [x.number for x in stage.story.case.exhibits if x.side == "MERCHANT"] == ["M1"]


def accept_on_a_phone(stage: Stage) -> None:
    """The first seat is asked, and reads nothing before it has declared to have no tie."""
    seat = stage.story.case.drawn.seats[0]
    set_password(stage, seat.reviewer_id)
    page = stage.enter(seat.reviewer_id, "/r")
    turn_page(page.get_by_role("link", name="看邀请"))
    page.check("[name=declared]")
    turn_page(page.get_by_role("button", name="接受邀请"))
    expect(page.locator("form.ballot")).to_be_visible()
    stage.story.notebook.keep(f"accept {seat.number}", {})


def vote_on_a_phone(stage: Stage) -> None:
    """Every exhibit is opened on its own page, as it works without scripts too."""
    seat = stage.story.case.drawn.seats[0]
    page = stage.enter(seat.reviewer_id, f"/r/{stage.case_no}")
    for number in stage.story.case.called.required:
        page.goto(f"{stage.url}/r/{stage.case_no}/exhibits/{number}")
    page.goto(f"{stage.url}/r/{stage.case_no}")
    page.check("input[value=SUPPORT_CLAIMANT]")
    page.check("input[value=PROMISE_PROVED]")
    page.check("input[name=citations][value=B1]")
    page.fill("[name=reason]", "主播手里拿的就是一号链接。")
    page.get_by_role("button", name="封存我的投票").click()
    page.click("[data-go]")
    expect(page.locator(".slip")).to_be_visible()
    stage.story.notebook.keep(f"vote {seat.number}", {})


def set_password(stage: Stage, reviewer_id: str) -> None:
    with stage.story.app.app_context():
        mine = Account.reviewer_id == reviewer_id
        db.session.execute(update(Account).where(mine).values(password=hash_password(PASSWORD)))
        db.session.commit()


def give_back(stage: Stage) -> None:
    page = stage.enter("buyer", f"/cases/{stage.case_no}/outcome")
    expect(page.get_by_text("本结论由平台争议处理机制作出")).to_be_visible()
    page.goto(f"{stage.url}/cases/{stage.case_no}")
    page.fill("[name=carrier]", "中通")
    page.fill("[name=waybill]", "75518843620999")
    turn_page(page.get_by_role("button", name="已寄出，提交单号"))
    expect(page.get_by_text("已记录。商家验收后就退款。")).to_be_visible()
    page = stage.enter("shop", f"/shop/c/{stage.case_no}", width=DESK_WIDTH)
    turn_page(page.get_by_role("button", name="商品已收到，没有问题"))
    expect(page.get_by_text("正在原路退款")).to_be_visible()


def verify_and_break(stage: Stage) -> None:
    """The association's own browser: all consistent, until one byte of a row is another."""
    page = stage.enter("association", f"/a/case/{stage.case_no}", width=DESK_WIDTH)
    page.get_by_role("button", name="现在核验").click()
    expect(page.locator(".seal.ok")).to_be_visible()
    expect(page.get_by_text("全部一致")).to_be_visible()
    change_one_byte(stage)
    page.reload()
    page.get_by_role("button", name="现在核验").click()
    expect(page.locator(".seal.bad")).to_be_visible()
    expect(page.get_by_text("和存证不一致")).to_be_visible()


def change_one_byte(stage: Stage) -> None:
    """As somebody with the database's password would, in a record of the middle."""
    with house_of(stage.story.app).sessions.begin() as session:
        row = session.query(EntryRow).filter_by(code="RULING_ISSUED").one()
        row.raw = row.raw.replace('"at":"2', '"at":"3', 1)


def test_the_three_steps_work_without_scripts(stage: Stage) -> None:
    page = stage.enter("buyer", "/claims/new", java_script_enabled=False)
    file_claim(stage, page, scripts=False)
    assert [x.number for x in stage.story.case.exhibits if x.side == "BUYER"] == ["B1", "B2"]


# Every main page ------------------------------------------------------------------------------


PUBLIC_PAGES = ("/", "/rules", "/help", "/verify", "/login")
PAGES = {
    "buyer": ("/me", "/claims/new", "/messages", "/cases/{no}", "/cases/{no}/outcome"),
    "shop": ("/shop", "/shop/c/{no}"),
    "association": ("/a", "/a/case/{no}", "/a/voids"),
    "operator": (
        "/ops",
        "/ops/panels",
        "/ops/panels/{no}",
        "/ops/pool",
        "/ops/pool/new",
        "/ops/integrity",
        "/ops/quality",
        "/ops/accounts",
    ),
    "reviewer": ("/r", "/r/{no}", "/r/{no}/sealed", "/cases/{no}/draw"),
}


def test_every_main_page_has_no_barriers_and_no_errors(stage: Stage) -> None:
    stage.story.play()
    found = look(stage.open_page(f"{stage.url}/"), stage, PUBLIC_PAGES)
    seat = stage.story.case.drawn.seats[0].reviewer_id
    set_password(stage, seat)
    for who, paths in PAGES.items():
        page = stage.enter(seat if who == "reviewer" else who, "/")
        found += look(page, stage, paths)
    assert found == []


def look(page: Page, stage: Stage, paths: tuple[str, ...]) -> list[str]:
    """What keeps people out of the pages, on a phone and on a desk."""
    found = []
    for path in paths:
        page.goto(stage.url + path.format(no=stage.case_no))
        for width in (PHONE_WIDTH, DESK_WIDTH):
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{path} at {width}: {barrier}" for barrier in barriers(page)]
    return found


def barriers(page: Page) -> list[str]:
    violations = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
    found = [f"{each['id']} {each['help']}" for each in violations]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("wider than the window")
    return found
