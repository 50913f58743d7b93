"""Figures from the record: what is counted, what is published, what people are asked to see."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from apiflask import APIFlask
from sqlalchemy import select

from portal.integrity.tables import ReportRow
from portal.panels.tables import ReviewerRow
from portal.quality import nightly
from portal.quality.collecting import Quarter, collect
from portal.quality.figures import LEAST_PANELS, figures_of
from portal.quality.quarters import before, last_night, quarter_of, start_of
from portal.quality.tables import QualityProposal, QualityReport
from reviewers.quality.votes import Vote
from tests.builders import house_of
from tests.portal.pool.people import a_reviewer, an_operator, send
from tests.portal.rooms import app

__all__ = ["app"]

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def panels(count: int, seats: int = 7, pool: int = 40, seed: int = 1) -> list[Vote]:
    """Panels whose buyers' side supports more often; with times, half of them known."""
    dice = random.Random(seed)
    votes = []
    for case in range(count):
        for place, who in enumerate(dice.sample(range(pool), seats)):
            buyer = place % 2 == 0
            label = "SUPPORT" if dice.random() < (0.7 if buyer else 0.4) else "REJECT"
            side = "BUYER_SIDE" if buyer else "MERCHANT_SIDE"
            votes.append(Vote(f"c{case}/1", f"r_{who}", side, label, 300.0, 900))
    return votes


def test_quarters_and_nights_are_beijings() -> None:
    assert quarter_of(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) == "2026Q4"
    assert quarter_of(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == "2027Q1"
    assert before("2027Q1", 1) == "2026Q4"
    assert before("2026Q4", 3) == "2026Q1"
    assert quarter_of(start_of("2026Q3")) == "2026Q3"
    assert last_night(NOW) == datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
    earlier = last_night(datetime(2026, 11, 21, 18, 59, tzinfo=UTC))
    assert earlier == datetime(2026, 11, 20, 19, 0, tzinfo=UTC)


def test_no_rate_is_made_of_too_little() -> None:
    few = figures_of("2026Q4", Quarter(panels(LEAST_PANELS - 1)))
    assert (few["alpha"], few["bias"], few["reliability"]) == (None, None, None)
    assert few["votes"] == (LEAST_PANELS - 1) * 7


def test_enough_panels_give_every_measure() -> None:
    many = figures_of("2026Q4", Quarter(panels(120)))
    assert many["bias"]["difference"]["low"] > 0
    assert many["alpha"]["low"] <= many["alpha"]["value"] <= many["alpha"]["high"]
    assert many["hasty"]["hits"] == 0
    assert sum(many["reliability"]["tenths"]) == many["reliability"]["reviewers"]
    assert "r_1" not in str(many)


def test_the_night_makes_figures_once_and_says_from_how_much(app: APIFlask) -> None:
    house = house_of(app)
    a_reviewer(app)
    assert nightly.run_if_due(house)
    assert not nightly.run_if_due(house)
    with house.sessions() as session:
        rows = session.scalars(select(QualityReport)).all()
        assert {row.log_size for row in rows} == {house.projection.size()}
        assert quarter_of(house.clock.now()) in {row.quarter for row in rows}
    page = app.test_client().get("/quality").text
    assert "数据太少" in page
    assert app.test_client().get("/quality/1999Q9").status_code == 404


def test_before_the_first_night_the_page_says_so(app: APIFlask) -> None:
    assert "还没有算过" in app.test_client().get("/quality").text


def test_the_public_page_shows_charts_with_their_numbers(app: APIFlask) -> None:
    figures = figures_of("2026Q4", Quarter(panels(120)))
    with house_of(app).sessions.begin() as session:
        row = QualityReport(quarter="2026Q4", made_at=NOW, log_size=9, figures=figures)
        session.add(row)
    page = app.test_client().get("/quality/2026Q4").text
    assert page.count('<svg class="interval"') == 5
    assert f"{100 * figures['bias']['buyer']['share']['value']:.1f}%" in page


def colluders() -> dict[str, Quarter]:
    """Two who follow a common whim among honest ones, and one who never reads."""
    votes = panels(500, pool=20, seed=5)
    dice = random.Random(2)
    whims = {f"c{n}/1": dice.choice(("SUPPORT", "REJECT")) for n in range(500)}
    return {
        "2026Q4": Quarter(
            [
                Vote(
                    vote.case,
                    vote.reviewer,
                    vote.stratum,
                    whims[vote.case] if vote.reviewer in ("r_0", "r_1") else vote.label,
                    1.0 if vote.reviewer == "r_2" else vote.seconds,
                    vote.length,
                )
                for vote in votes
            ]
        )
    }


def test_haste_and_collusion_become_proposals_and_nothing_else(app: APIFlask) -> None:
    found = list(nightly.proposals(colluders(), NOW))
    assert [(one.flag, one.about) for one in found] == [
        ("SPEED_VOTE", ["r_2"]),
        ("COLLUSION_PATTERN", ["r_0", "r_1"]),
    ]
    again = list(nightly.proposals(colluders(), NOW + timedelta(days=1)))
    assert [one.key for one in again] == [one.key for one in found]


def keep_proposals(app: APIFlask) -> None:
    with house_of(app).sessions.begin() as session:
        session.add_all(nightly.proposals(colluders(), NOW))


def test_a_proposal_is_taken_up_by_a_person_and_the_named_may_answer(app: APIFlask) -> None:
    for name in ("r_0", "r_1", "r_2"):
        a_reviewer(app, name)
    keep_proposals(app)
    operator = an_operator(app)
    with house_of(app).sessions() as session:
        keys = {row.flag: row.key for row in session.scalars(select(QualityProposal))}
    page = f"/ops/quality/{keys['COLLUSION_PATTERN']}"
    assert send(operator, "/ops/quality", page, do="take", note="").status_code == 422
    assert send(operator, "/ops/quality", page, do="take", note="看过各案").status_code == 303
    with house_of(app).sessions() as session:
        about = sorted(row.about for row in session.scalars(select(ReportRow)))
        assert about == ["r_0", "r_1"]
        states = {row.state for row in session.scalars(select(ReviewerRow))}
        assert states == {"ACTIVE"}
    assert send(operator, "/ops/pool/new", page, do="take", note="再来").status_code == 409


def test_putting_aside_needs_a_reason_too(app: APIFlask) -> None:
    keep_proposals(app)
    operator = an_operator(app)
    with house_of(app).sessions() as session:
        key = session.scalars(select(QualityProposal.key)).first()
    send(operator, "/ops/quality", f"/ops/quality/{key}", do="leave", note="老评审员，案情简单")
    assert "老评审员，案情简单" in operator.get("/ops/quality?state=DISMISSED").text


def test_an_empty_log_has_no_votes(app: APIFlask) -> None:
    with house_of(app).sessions() as session:
        assert collect(session, NOW - timedelta(days=365)) == {}
