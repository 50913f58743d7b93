"""How long a neighbour on this machine may take before it counts as away.

The portal waits a second for a witness and for a look at a trustee, two for its database, eight for
a provider, forty for a file that is decoded. A machine with much else to do may stand still for
longer in the middle of any test. Those that really are away refuse at once, and what a test wants
to see cut off it cuts off itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from ledger.timestamp import Stamper
from ledger.witnessing.witnesses import Witnesses
from portal import logbook
from portal.evidence.prove import Limits
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
        _change_default(patch, kind.__init__, "seconds", SECONDS)
    _change_default(patch, Limits.__init__, "wall_seconds", int(SECONDS))


def _change_default(
    patch: pytest.MonkeyPatch, make: Callable[..., Any], name: str, value: object
) -> None:
    """Of a parameter; those by name alone have their defaults in a place of their own."""
    parameters = inspect.signature(make).parameters
    if parameters[name].kind is inspect.Parameter.KEYWORD_ONLY:
        patch.setitem(make.__kwdefaults__, name, value)
        return
    defaults = {n: p.default for n, p in parameters.items() if p.default is not p.empty}
    patch.setattr(make, "__defaults__", tuple((defaults | {name: value}).values()))
