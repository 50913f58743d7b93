"""Pages of the books: a shop's money, everybody's accounts, the four accounts of a case."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.books import desk, queries
from portal.books.accounts import KINDS, OF_SHOP
from portal.books.answers import send_statement
from portal.books.forms import PeriodForm, RecoupForm, ReturnForm
from portal.books.pages import Wanted, accounts_for, deposit_page, shop_money
from portal.books.statements import Statement, statement
from portal.books.trial import accounts_of, total_fen, trial_balance
from portal.books.words import ACCOUNTS, MEANINGS, PROVIDERS, RETURNS
from portal.books.words import KINDS as LINE_KINDS
from portal.database import db
from portal.errors import NotFound, sentence
from portal.forms import WishForm, done, drawn, faults_in
from portal.house import house

bp = APIBlueprint("books", __name__, enable_openapi=False)
LABELS = {
    "accounts": ACCOUNTS,
    "meanings": MEANINGS,
    "line_kinds": LINE_KINDS,
    "providers": PROVIDERS,
}


@bp.get("/shop/money")
@allow(Role.MERCHANT)
def shop() -> ResponseReturnValue:
    form, wanted = PeriodForm(request.args), _wanted()
    after = request.args.get("after", "")
    try:
        money = shop_money(db.session, current_actor(), wanted, form.as_period(), after)
    except NotFound:
        return _empty_shop(wanted)
    return _shown("books/shop.html", form, money=money, kind=wanted.kind, after=after)


def _wanted() -> Wanted:
    shop_id = current_actor().shop_id or ""
    given = request.args
    return Wanted(shop_id, given.get("platform", ""), given.get("account", OF_SHOP[0]))


def _empty_shop(wanted: Wanted) -> str:
    """No money of this shop has moved yet: a page that says so, not a wrong address."""
    if wanted.platform or wanted.kind not in OF_SHOP:
        raise NotFound(sentence("没有这个账户"))
    return render_template("books/noshop.html")


def _shown(template: str, form: PeriodForm, **parts: object) -> tuple[str, int]:
    page = render_template(template, form=form, labels=LABELS, **parts)
    return page, 422 if form.errors else 200


@bp.get("/shop/money.csv")
@allow(Role.MERCHANT)
def shop_csv() -> Response:
    period = PeriodForm(request.args).as_period()
    money = shop_money(db.session, current_actor(), _wanted(), period, "")
    return send_statement(money.statement.account, period)


@bp.get("/shop/money/deposit")
@allow(Role.MERCHANT)
def deposit() -> str:
    actor, platform = current_actor(), request.args.get("platform", "")
    try:
        page = deposit_page(db.session, actor, actor.shop_id or "", platform)
    except NotFound:
        return _empty_shop(Wanted("", platform))
    now = house().clock.now()
    return render_template("books/deposit.html", page=page, now=now, labels=LABELS)


@bp.get("/ops/money/accounts")
@allow(Role.OPERATOR)
def trial() -> str:
    kind = request.args.get("kind", KINDS[0])
    if kind not in KINDS:
        raise NotFound(sentence("没有这个账户"))
    after = _after()
    sums = trial_balance(db.session)
    return render_template(
        "books/trial.html",
        sums=sums,
        total_fen=total_fen(sums),
        kind=kind,
        accounts=accounts_of(db.session, kind, after),
        after=after,
        labels=LABELS,
    )


@bp.get("/ops/money/accounts/<path:account>")
@allow(Role.OPERATOR)
def account(account: str) -> ResponseReturnValue:
    form, after = PeriodForm(request.args), request.args.get("after", "")
    found = _known(account, form, after)
    if request.args.get("as") == "csv":
        return send_statement(account, form.as_period())
    return _shown("books/account.html", form, statement=found, after=after)


def _after() -> str:
    """The name behind which the page begins; PostgreSQL knows no NUL, not even in a question."""
    after = request.args.get("after", "")
    return after if after.isprintable() else ""


def _known(account: str, form: PeriodForm, after: str) -> Statement:
    if account.partition(":")[0] not in KINDS or not account.isprintable():
        raise NotFound(sentence("没有这个账户"))
    return statement(db.session, account, form.as_period(), after)


@bp.get("/ops/money/recoups")
@allow(Role.OPERATOR)
def recoups() -> str:
    after, now = _after(), house().clock.now()
    found = queries.open_recoups(db.session, after)
    return render_template("books/recoups.html", recoups=found, after=after, now=now)


@bp.get("/ops/money/recoups/<refund_no>")
@allow(Role.OPERATOR)
def recoup(refund_no: str) -> str:
    return _recoup_page(refund_no)


@bp.post("/ops/money/recoups/<refund_no>")
@allow(Role.OPERATOR)
def record_recoup(refund_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), RecoupForm()
    owed = queries.recoup(db.session, refund_no)
    with faults_in(form, lambda: _recoup_page(refund_no, form)):
        desk.record_recoup(house(), db.session, actor, form.as_wish(owed), form.key_of(actor))
    return done(gettext("已记录收回，账目已更新。"), ".recoup", refund_no=refund_no)


@bp.post("/ops/money/recoups/<refund_no>/return")
@allow(Role.OPERATOR)
def want_return(refund_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), ReturnForm()
    text = form.text.data or ""
    with faults_in(form, lambda: _recoup_page(refund_no, form)):
        desk.want_return(house(), db.session, actor, refund_no, text, form.key_of(actor))
    return done(gettext("已记录，系统马上请支付机构回补。"), ".recoup", refund_no=refund_no)


def _recoup_page(refund_no: str, sent: WishForm | None = None) -> str:
    owed, now = queries.recoup(db.session, refund_no), house().clock.now()
    return render_template(
        "books/recoup.html",
        owed=owed,
        back=desk.return_of(house(), db.session, owed),
        sent=sent,
        form=drawn(RecoupForm, sent),
        asking=drawn(ReturnForm, sent),
        states=RETURNS,
        now=now,
    )


@bp.get("/cases/<case_no>/accounts")
@allow(Role.BUYER, Role.MERCHANT, Role.ASSOCIATION, Role.OPERATOR)
def case(case_no: str) -> str:
    found = accounts_for(db.session, current_actor(), case_no)
    return render_template("books/case.html", case_no=case_no, found=found, labels=LABELS)
