"""The public page of a draw, and the same draw repeated in a real browser."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from portal.access import Role
from portal.events import PanelCalled, PanelDrawn, Seat
from portal.panels.commands import AnswerSeat, VoidPanel
from reviewers.candidates import Fixed, encode
from tests.browser import DESK_WIDTH, PHONE_WIDTH, OpenPage, Serve
from tests.builders import house_of
from tests.houses import case_of, file_a_claim, perform_todo
from tests.people import enroll, sign_in
from tests.portal.rooms import cast, invite_a_panel, seat_a_panel
from tests.values import CASE_NO

PAGE = f"/cases/{CASE_NO}/draw"
POOL = f"{PAGE}/pool.json"
VECTORS = Path(__file__).parents[2] / "vectors" / "draw"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def seats(app: APIFlask) -> tuple[Seat, ...]:
    return seat_a_panel(app)


@pytest.fixture
def voted(app: APIFlask, seats: tuple[Seat, ...]) -> tuple[Seat, ...]:
    """Everybody has voted, so voting is closed; nothing is opened yet."""
    for seat in seats:
        cast(app, seat)
    return seats


def called_of(app: APIFlask) -> PanelCalled:
    called = case_of(house_of(app)).called
    assert called is not None
    return called


def drawn_of(app: APIFlask) -> PanelDrawn:
    drawn = case_of(house_of(app)).drawn
    assert drawn is not None
    return drawn


def test_what_decides_the_draw_is_public_at_once_and_who_sits_is_not(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    client = app.test_client()
    page, told = client.get(PAGE).text, client.get(f"{PAGE}.json").get_json()

    assert called_of(app).pool.sha256 in page
    assert drawn_of(app).seed in page
    for seat in seats:
        assert seat.reviewer_id not in page
    assert not {"seats", "reserves", "changes"} & told["drawn"].keys()
    assert client.get(POOL).status_code == 404


def test_everybody_sees_the_whole_draw_when_voting_has_closed(
    app: APIFlask, voted: tuple[Seat, ...]
) -> None:
    client = app.test_client()
    page = client.get(PAGE).text

    for reviewer_id in (seat.reviewer_id for seat in voted):
        assert reviewer_id in page
    assert len(re.findall(r'class="urn-hit"', page)) == 7
    assert hashlib.sha256(client.get(POOL).data).hexdigest() == called_of(app).pool.sha256


def test_no_title_of_the_case_is_on_the_page(app: APIFlask, voted: tuple[Seat, ...]) -> None:
    claim = case_of(house_of(app)).claim
    page = app.test_client().get(PAGE).text

    for private in (claim.lines[0].title, claim.shop, claim.order_id, claim.buyer_ref, claim.text):
        assert private not in page


def test_whoever_stepped_in_is_shown_with_whom_they_followed(app: APIFlask) -> None:
    first = invite_a_panel(app)[0]
    decline = AnswerSeat(CASE_NO, first.reviewer_id, accept=False, code="RELATIVE", text="表亲")
    house_of(app).recorder.record(decline, by="REVIEWER", command_id="decline/1")
    follows = drawn_of(app).reserves[first.stratum][0]
    void(app)
    page = app.test_client().get(PAGE).text

    assert re.search(rf"候补递补：</?[^>]*>{follows}<", page)
    assert first.reviewer_id in page
    assert "表亲" not in page


def void(app: APIFlask) -> None:
    wish = VoidPanel(CASE_NO, "PROCEDURE", "通知发错了人")
    house_of(app).recorder.record(wish, by="OPERATOR", command_id="void/1")


def test_a_voided_panel_stays_public_beside_the_next_one(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    void(app)
    client = app.test_client()
    first = client.get(f"{PAGE}?round=1").text

    assert "这个评审组已作废" in first
    assert seats[0].reviewer_id in first


def test_the_list_of_draws_counts_voids(app: APIFlask, seats: tuple[Seat, ...]) -> None:
    void(app)
    page = app.test_client().get("/panels").text

    assert f'href="{PAGE}?round=1"' in page
    assert re.search(r"作废</p><p class=\"kpi\">1<", page)
    assert "程序有误" in page


def test_a_page_of_the_list_that_was_never_given_out_is_refused(app: APIFlask) -> None:
    assert app.test_client().get("/panels?before=yesterday").status_code == 422
    assert app.test_client().get("/panels?before=2026-11-20T00:00:00Z/MA/1").status_code == 200


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}.json", POOL, f"{PAGE}?round=7"])
def test_there_is_no_draw_to_show_before_there_is_one(app: APIFlask, path: str) -> None:
    file_a_claim(house_of(app))
    enroll(app, "office@example.com", Role.ASSOCIATION)

    assert sign_in(app, "office@example.com").get(path).status_code == 404


def test_a_draw_of_a_case_that_is_not_there_is_not_there(app: APIFlask) -> None:
    assert app.test_client().get("/cases/MA-2026-999999/draw").status_code == 404


@pytest.mark.browser
def test_the_browser_draws_the_same_panel(
    app: APIFlask, voted: tuple[Seat, ...], serve: Serve, open_page: OpenPage
) -> None:
    page = open_page(serve(app) + PAGE, locale="zh-CN")
    page.click("[data-start]")

    expect(page.locator("[data-draw] .seal-title")).to_have_text("重抽的结果和记录一致")
    expect(page.locator("[data-steps] > .done")).to_have_count(8)
    expect(page.locator("[data-mark]", has_text="重抽相同")).to_have_count(7)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("changed", "step"),
    [
        (lambda told: told["drawn"]["seats"][0].__setitem__(1, "r_friend"), "席位"),
        (lambda told: told["drawn"].update(seed="00" * 32), "种子"),
        (lambda told: told.update(pool_sha256="00" * 32), "候选名单的指纹"),
        (lambda told: told.update(called=10**9), "检查点"),
        (lambda told: told["drawn"]["reserves"]["EXPERT"].reverse(), "候补次序"),
        (lambda told: told["drawn"]["changes"].append(["FILLED", 1, "r_friend"]), "更换"),
        (lambda told: told["exclusions"].update(OTHER=9), "候选人和排除人数"),
    ],
)
def test_the_browser_names_what_differs(
    app: APIFlask,
    voted: tuple[Seat, ...],
    serve: Serve,
    open_page: OpenPage,
    changed: Any,
    step: str,
) -> None:
    told = app.test_client().get(f"{PAGE}.json").get_json()
    changed(told)
    page = open_page(serve(app) + PAGE, locale="zh-CN")
    page.route("**/draw.json*", lambda route: route.fulfill(json=told))
    page.click("[data-start]")

    expect(page.locator("[data-draw] .seal-title")).to_have_text(f"重抽的结果和记录不同：{step}")


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_pages_can_be_read_by_everybody(
    app: APIFlask, voted: tuple[Seat, ...], serve: Serve, open_page: OpenPage, locale: str
) -> None:
    perform_todo(house_of(app))
    base = serve(app)
    for path in (PAGE, "/panels"):
        page = open_page(base + path, locale=locale)
        for width in (PHONE_WIDTH, DESK_WIDTH):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page, options={"runOnly": WCAG})
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
@pytest.mark.parametrize("name", ["by-hand", "witnessed", "large"])
def test_the_published_vectors_come_out_in_the_browser_too(
    app: APIFlask, voted: tuple[Seat, ...], serve: Serve, open_page: OpenPage, name: str
) -> None:
    vector = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    page = open_page(serve(app) + PAGE)
    found = page.evaluate(REPEAT, [lots_url(page), vector, file_of(vector).decode()])

    assert (found["seed"], found["extra"]) == (vector["seed"], vector["extra"])
    if "drawn" in vector:
        assert {"seats": found["seats"], "reserves": found["reserves"]} == vector["drawn"]
        assert found["steps"] == vector["steps"]
    else:
        ids = [id_ for _, id_, _ in found["seats"]]
        ids += [id_ for stratum in vector["seats"] for id_ in found["reserves"][stratum]]
        assert hashlib.sha256("\n".join(ids).encode()).hexdigest() == vector["drawn_sha256"]


REPEAT = """async ([url, vector, file]) => {
  const lots = await import(url);
  const pool = lots.readPool(new TextEncoder().encode(file));
  const extra = lots.cosignatures(vector.checkpoint);
  const root = Uint8Array.from(atob(vector.checkpoint.split("\\n")[2]), (c) => c.charCodeAt(0));
  const seed = await lots.makeSeed(vector.case_no, vector.round, root, extra);
  const order = ["BUYER_SIDE", "MERCHANT_SIDE", "EXPERT/TEXTILE", "EXPERT"];
  const seats = order.filter((name) => name in vector.seats)
    .map((name) => [name, vector.seats[name]]);
  const panel = await lots.drawPanel(seed, pool.strata, seats, vector.reserves_wanted);
  return { ...panel, seed: lots.toHex(seed), extra: extra.map(lots.toHex) };
}"""


def lots_url(page: Page) -> str:
    """Where the page's own program has its arithmetic from."""
    script = page.get_attribute("script[src*='draw']", "src")
    text = page.evaluate("async (url) => (await fetch(url)).text()", script)
    found = re.search(r'from "([^"]*lots[^"]*)"', text)
    assert found is not None
    return str(
        page.evaluate(
            "([to, base]) => new URL(to, new URL(base, location)).href", [found[1], script]
        )
    )


def file_of(vector: dict[str, Any]) -> bytes:
    if "file" in vector["pool"]:
        return str(vector["pool"]["file"]).encode()
    made = vector["pool"]["made"]["strata"]
    strata = {
        name: tuple((f"r_{name[0].lower()}{n:06}", 1 + n % 5) for n in range(size))
        for name, size in made.items()
    }
    return encode(Fixed(strata, {}))
