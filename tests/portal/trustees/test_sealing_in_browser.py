"""A ballot that is sealed in a real browser: the server is handed an envelope and nothing else."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest
from apiflask import APIFlask
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from portal.events import Seat
from portal.panels.sealing import BROWSER, SERVER
from reviewers.ballot import Ballot, decode, encode
from reviewers.envelope import Context, check_envelope, finish, open_envelope, peel
from tests.browser import DESK_WIDTH, PHONE_WIDTH, OpenPage, Serve, turn_page
from tests.builders import house_of
from tests.houses import case_of
from tests.people import PASSWORD
from tests.portal.rooms import cast, seat_a_panel, sign_in_seat
from tests.values import CASE_NO

pytestmark = pytest.mark.browser

MODULES = ("hpke", "envelope")
VECTORS = Path(__file__).parents[2] / "vectors" / "envelope"
IN_PAGE = """async ({modules, vector}) => {
  const hpke = await import(modules.hpke);
  const envelope = await import(modules.envelope);
  const bytes = envelope.fromHex;
  const given = vector.hpke;
  const X25519 = { name: "X25519" };
  const url = (hex) => btoa(String.fromCharCode(...bytes(hex)))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const [d, x] = [url(given.ephemeral_private), url(given.ephemeral_public)];
  const jwk = { kty: "OKP", crv: "X25519", d, x };
  const privateKey = await crypto.subtle.importKey("jwk", jwk, X25519, false, ["deriveBits"]);
  const raw = bytes(given.ephemeral_public);
  const publicKey = await crypto.subtle.importKey("raw", raw, X25519, true, []);
  const receiver = bytes(given.receiver_public);
  const { secret } = await hpke.encapsulate(receiver, { privateKey, publicKey });
  const text = new TextEncoder();
  const opened = await envelope.open(text.encode(vector.envelope), bytes(vector.key));
  const trustees = vector.trustees.map(({ name, public: key }) => ({ name, key }));
  const sealed = await envelope.seal(vector.ballot, vector.context, trustees);
  return {
    secret: envelope.hex(secret),
    opened: opened.ballot,
    padded: envelope.pad(vector.ballot).length,
    sealed: new TextDecoder().decode(sealed),
  };
}"""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PIXEL = bytes.fromhex("47494638396101000100800000ffffff0000002c00000000010001000002024401003b")
WORDS = "只有我知道的理由"


@pytest.fixture
def seats(app: APIFlask) -> tuple[Seat, ...]:
    return seat_a_panel(app)


@pytest.fixture
def review(app: APIFlask, seats: tuple[Seat, ...], serve: Serve, open_page: OpenPage) -> Page:
    """The review page of the first seat, on a phone."""
    sign_in_seat(app, seats[0])
    page = open_page(f"{serve(app)}/login?next=/r/{CASE_NO}", width=PHONE_WIDTH, locale="zh-CN")
    come_in(page, seats[0])
    return page


def come_in(page: Page, seat: Seat) -> None:
    """Sign in and reach the ballot. The invented photo is no picture that a browser could draw."""
    page.route("**/cases/*/exhibits/*", lambda r: r.fulfill(body=PIXEL, content_type="image/gif"))
    page.fill("[name=email]", f"{seat.reviewer_id}@example.com")
    page.fill("[name=password]", PASSWORD)
    turn_page(page.locator("form.sheet button[type=submit]"))


def fill(page: Page) -> None:
    page.check("input[value=PARTIAL]")
    page.fill("[name=amount_fen]", "１00.5")
    page.check("input[value=BOTH_AT_FAULT]")
    page.check("input[name=citations][value=B1]")
    page.fill("[name=moments]", "00:58")
    page.click("#liability summary")
    page.fill("[name=share_MERCHANT]", "66.67")
    page.fill("[name=share_CARRIER]", "33.33%")
    page.fill("[name=reason]", f'{WORDS}\n第二行 "引号" \\ é 😀')


def open_the_exhibit(page: Page) -> None:
    page.click("#exhibit-B1 a")
    page.wait_for_selector(".gate.ok")
    page.click("dialog[open] [data-close]")


def test_what_the_browser_seals_is_what_is_counted(
    app: APIFlask, seats: tuple[Seat, ...], review: Page
) -> None:
    sent: list[str] = []
    review.on("request", lambda request: sent.append(_body(request)))
    review.wait_for_selector("[data-sealed-by=BROWSER]:visible")
    assert not review.is_visible("[data-sealed-by=SERVER]")
    open_the_exhibit(review)
    fill(review)
    review.click("form.ballot button[type=submit]")
    expect(review.locator("dialog[data-confirm]")).to_contain_text(WORDS)
    review.click("[data-go]")
    review.wait_for_selector(".slip")

    assert not any(WORDS in body for body in sent)
    (ballot,) = case_of(house_of(app)).ballots
    assert ballot.sealed_by == BROWSER
    assert ballot.opened == ("B1",)
    assert ballot.slip in review.inner_text("main")

    for seat in seats[1:]:
        cast(app, seat)
    house_of(app).duties.perform("OPEN", CASE_NO, "")
    own = case_of(house_of(app)).revealed[0]
    assert own.valid, own.refused
    said = decode(open_envelope(house_of(app).files.read(ballot.sealed), bytes.fromhex(own.key)))
    assert (said.amount_fen, said.citations) == (10_050, ("B1", "58"))
    assert said.liability == {"MERCHANT": 6667, "CARRIER": 3333}
    assert said.text == f'{WORDS}\n第二行 "引号" \\ é 😀'
    review.goto(review.url.replace("/sealed", "/opened"))
    expect(review.locator("[data-step].done:visible")).to_have_count(3)


def test_a_ballot_is_not_taken_before_the_exhibits_were_opened_and_nothing_is_lost(
    app: APIFlask, review: Page
) -> None:
    fill(review)
    review.click("form.ballot button[type=submit]")
    expect(review.locator("#gate")).to_contain_text("请先打开下面的凭证看过")
    expect(review.locator("#gate")).to_contain_text("买1")
    assert not review.is_visible("dialog[data-confirm]")
    assert WORDS in review.input_value("[name=reason]")
    open_the_exhibit(review)
    review.click("form.ballot button[type=submit]")
    review.click("[data-go]")
    review.wait_for_selector(".slip")
    assert len(case_of(house_of(app)).ballots) == 1


def test_faults_are_named_where_they_are_and_nothing_is_sent(app: APIFlask, review: Page) -> None:
    open_the_exhibit(review)
    fill(review)
    review.fill("[name=amount_fen]", "999999")
    review.click("form.ballot button[type=submit]")
    expect(review.locator("form.ballot")).to_contain_text("金额不能高于买家的请求")
    review.fill("[name=amount_fen]", "100")
    review.fill("[name=share_CARRIER]", "1")
    review.click("form.ballot button[type=submit]")
    expect(review.locator("#liability")).to_contain_text("各方责任加起来要正好是一百")
    assert not case_of(house_of(app)).ballots


def test_a_browser_that_cannot_seal_says_so_and_the_server_does(
    app: APIFlask, seats: tuple[Seat, ...], serve: Serve, open_page: OpenPage
) -> None:
    sign_in_seat(app, seats[0])
    page = open_page("about:blank", width=DESK_WIDTH, locale="zh-CN")
    page.add_init_script("SubtleCrypto.prototype.generateKey = () => Promise.reject(new Error())")
    page.goto(f"{serve(app)}/login?next=/r/{CASE_NO}")
    come_in(page, seats[0])
    expect(page.locator("[data-sealed-by=SERVER]")).to_be_visible()
    open_the_exhibit(page)
    fill(page)
    page.click("form.ballot button[type=submit]")
    page.click("[data-go]")
    page.wait_for_selector(".slip")
    (ballot,) = case_of(house_of(app)).ballots
    assert ballot.sealed_by == SERVER


def test_the_confirmation_can_be_read_by_everybody(review: Page) -> None:
    open_the_exhibit(review)
    fill(review)
    review.click("form.ballot button[type=submit]")
    expect(review.locator("dialog[data-confirm]")).to_be_visible()
    for width in (PHONE_WIDTH, DESK_WIDTH):
        review.set_viewport_size({"width": width, "height": 900})
        result = Axe().run(review, options={"runOnly": WCAG})
        assert not result.violations_count, result.generate_report()
        assert review.evaluate("document.documentElement.scrollWidth") <= width


def _body(request: Request) -> str:
    return request.post_data or ""


def test_the_browsers_hpke_is_that_of_the_standard_and_of_the_server(
    app: APIFlask, serve: Serve, open_page: OpenPage
) -> None:
    vector = json.loads((VECTORS / "v1.json").read_text())
    page = open_page(f"{serve(app)}/login", locale="zh-CN")
    with app.test_request_context():
        modules = {name: app.jinja_env.globals["asset"](f"js/{name}.js") for name in MODULES}  # type: ignore[operator]
    found = page.evaluate(IN_PAGE, {"modules": modules, "vector": vector})
    assert found["secret"] == vector["hpke"]["shared_secret"]
    assert found["opened"] == vector["ballot"]
    assert found["padded"] == 8192
    private = {each["name"]: bytes.fromhex(each["private"]) for each in vector["trustees"]}
    content = found["sealed"].encode()
    check_envelope(content, Context(**vector["context"]), list(private))
    for outer, inner in combinations(private, 2):
        left = peel(content, private[outer], outer, inner)
        key = finish(content, private[inner], inner, outer, left)
        plain = open_envelope(content, key)
        assert plain == encode(Ballot.from_fields(vector["ballot"]))
