"""Pages for everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from portal.rulebook import CURRENT
from tests.builders import a_house, close_house


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    app = a_house(tmp_path_factory.mktemp("portal"))
    yield app.test_client()
    close_house(app)


@pytest.mark.parametrize("path", ["/", "/rules", "/help"])
def test_a_visitor_reads_without_an_account(visitor: FlaskClient, path: str) -> None:
    assert visitor.get(path).status_code == 200


def test_every_clause_of_the_rules_can_be_linked_to(visitor: FlaskClient) -> None:
    page = visitor.get("/rules").text
    assert CURRENT.version in page
    for clause in CURRENT.clauses:
        assert f'id="clause-{clause.number}"' in page
        assert clause.text in page


def test_starting_a_claim_asks_a_visitor_to_sign_in_and_comes_back(visitor: FlaskClient) -> None:
    answer = visitor.get("/claims/new")
    assert (answer.status_code, answer.location) == (303, "/login?next=/claims/new")
