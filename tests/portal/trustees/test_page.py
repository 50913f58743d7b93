"""What operator and association see of the trustees."""

from __future__ import annotations

import pytest
from apiflask import APIFlask

from portal.access import Role
from portal.errors import NotReady
from portal.messages.tables import MessageRow
from tests.builders import house_of
from tests.keyholders import NAMES, Keyholders
from tests.people import enroll, sign_in
from tests.portal.trustees.test_opening import open_now, vote_all
from tests.values import CASE_NO

PAGE = "/ops/trustees"


def test_the_operator_sees_who_is_there_and_which_case_waits_for_whom(
    app: APIFlask, three: Keyholders
) -> None:
    enroll(app, "operator@example.com", Role.OPERATOR)
    client = sign_in(app, "operator@example.com")
    assert "三位保管人都在" in client.get(PAGE).text
    vote_all(app)
    three.stop("association")
    assert "一位保管人没有答复，另外两位能开封" in client.get(PAGE).text
    three.stop("third")
    with pytest.raises(NotReady):
        open_now(house_of(app))

    page = client.get(PAGE).text

    assert "2 位保管人没有答复，开不了封" in page
    assert CASE_NO in page
    assert "association、third" in page
    assert all(name in page for name in NAMES)


def test_everybody_concerned_is_told_that_the_case_waits(app: APIFlask, three: Keyholders) -> None:
    vote_all(app)
    three.stop("association")
    three.stop("third")
    with pytest.raises(NotReady):
        open_now(house_of(app))
    with house_of(app).sessions() as session:
        rows = session.query(MessageRow).filter(MessageRow.text.contains("保管人")).all()
    told = {row.recipient.partition(":")[0] for row in rows}
    assert told == {"buyer", "shop", "reviewer", "office"}


def test_a_stranger_at_a_trustees_address_is_seen(app: APIFlask, three: Keyholders) -> None:
    enroll(app, "operator@example.com", Role.OPERATOR)
    three.stop("operator")
    three.stop("third")
    three.ports["third"], three.ports["operator"] = three.ports["operator"], three.ports["third"]
    three.start_at("third", three.ports["third"])
    assert "名称或公钥不符" in sign_in(app, "operator@example.com").get(PAGE).text
