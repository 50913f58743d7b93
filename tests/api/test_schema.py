"""The API does what its description says, whatever a program sends: no 5xx, no other answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import booleans
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import APIOperation

from portal.access import Role
from tests.builders import SAMPLES, a_house
from tests.journeys.cast import People
from tests.journeys.story import API, Story

SILK = SAMPLES / "silk-shirt"
EXAMPLES = 12
# Not that whatever fits the schema is taken: the rules know more than a schema can say.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@dataclass(frozen=True)
class Described:
    """The API with its own description of itself, and a case to ask about."""

    story: Story
    schema: Any

    def operations(self) -> Iterator[APIOperation]:
        for found in self.schema.get_all_operations():
            yield found.ok()

    def headers(self, operation: APIOperation) -> dict[str, str]:
        """The token of somebody who may do it."""
        access = self._access(operation)
        who = next((role for role in Role if role in access.roles), None)
        name = self.seated if who is Role.REVIEWER else who
        tokens = self.story.people.tokens
        return {"Authorization": f"Bearer {tokens[name]}"} if name else {}

    @property
    def seated(self) -> str:
        return str(self.story.case.drawn.seats[0].reviewer_id)

    @property
    def real(self) -> dict[str, str]:
        """What made-up addresses never hit."""
        claim = self.story.case.claim
        return {
            "case_no": self.story.case_no,
            "draft_id": self.story.draft_id,
            "platform": claim.platform,
            "order_id": claim.order_id,
            "index": "1",
            "seat": "1",
        }

    def _access(self, operation: APIOperation) -> Any:
        adapter = self.story.app.url_map.bind("localhost")
        address = (
            operation.path.replace("{index}", "1")
            .replace("{seat}", "1")
            .replace("{", "")
            .replace("}", "")
        )
        endpoint, _values = adapter.match(address, method=operation.method.upper())
        return self.story.app.view_functions[endpoint].access


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Described:
    app = a_house(tmp_path_factory.mktemp("schema"))
    story = Story(app, SILK, people=People.of(app, SILK))
    story.hand_over()
    story.start_claim()
    story.send_claim()
    story.answer()
    story.keep_up()
    return Described(story, schemathesis.openapi.from_wsgi(f"{API}/openapi.json", app))


def test_every_operation_does_what_its_description_says(described: Described) -> None:
    wrong = []
    operations = list(described.operations())
    for operation in operations:
        try:
            probe(described, operation)
        except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001 - every operation is heard, then all is told
            wrong.append(f"{operation.method} {operation.path}: {failure}")
    assert wrong == []
    assert len(operations) > 20


def probe(described: Described, operation: APIOperation) -> None:
    headers, real = described.headers(operation), described.real

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), is_real=booleans())
    def check(case: Case, is_real: bool) -> None:
        if is_real:
            case.path_parameters = {n: real.get(n, v) for n, v in case.path_parameters.items()}
        case.call_and_validate(headers=headers, checks=CHECKS)

    check()
