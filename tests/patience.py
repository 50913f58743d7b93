"""How long a neighbour on this machine may take before it counts as away.

The portal waits a second for a witness and for a look at a trustee, two for its database, eight for
a provider. A machine with much else to do may stand still for longer in the middle of any test.
Those that really are away refuse at once, and what a test wants to see cut off it cuts off itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from ledger.timestamp import Stamper
from ledger.witnessing.witnesses import Witnesses
from portal import logbook
from portal.operations import health
from portal.providers import calling
from portal.trustees import asking

SECONDS = 120.0


def be_patient(patch: pytest.MonkeyPatch) -> None:
    """Until the patch is undone, in this process and in those that it forks."""
    for module, name in (
        (logbook, "STAMP_SECONDS"),
        (health, "PATIENCE_SECONDS"),
        (calling, "CONNECT_SECONDS"),
        (calling, "READ_SECONDS"),
        (asking, "LOOK_SECONDS"),
        (asking, "SECONDS"),
    ):
        patch.setattr(module, name, SECONDS)
    for kind in (Witnesses, Stamper, calling.Caller):
        _wait_long(patch, kind.__init__)


def _wait_long(patch: pytest.MonkeyPatch, make: Callable[..., Any]) -> None:
    """Change the default of the parameter `seconds`."""
    kinds = inspect.signature(make).parameters
    if kinds["seconds"].kind is inspect.Parameter.KEYWORD_ONLY:
        patch.setitem(make.__kwdefaults__, "seconds", SECONDS)
        return
    given = {name: p.default for name, p in kinds.items() if p.default is not p.empty}
    patch.setattr(make, "__defaults__", tuple((given | {"seconds": SECONDS}).values()))
