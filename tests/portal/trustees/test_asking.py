"""A trustee that takes its time is away, however it takes it."""

from __future__ import annotations

import pytest

from portal.trustees import asking
from portal.trustees.asking import Away
from portal.trustees.settings import Trustee
from tests.trickling import trickling


def test_a_trustee_that_trickles_its_headers_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "LOOK_SECONDS", 0.3)
    with trickling() as line:
        with pytest.raises(Away):
            asking.look(Trustee("third", "holder", line.url.rstrip("/"), "key", "token"))
        assert line.goes_on
