"""Names of wishes and of those who wish. The same name twice is the same wish."""

from __future__ import annotations

import hashlib
import uuid

from portal.access import Actor, Role


def new_command_id() -> str:
    """A fresh name, put into a form when it is drawn, so that sending it twice counts once."""
    return uuid.uuid4().hex


def command_id(actor: Actor, given: str | None) -> str:
    """The ledger's key of a wish. Bound to the account: nobody can use up another's name."""
    name = given or new_command_id()
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"account/{actor.account_id}/{digest}"


def bound(wish: str, command: object) -> str:
    """The name of a wish about money with what is wished: something else under a name that was used
    before is another wish, and is not answered with the receipt of the first."""
    return f"{wish}/{hashlib.sha256(repr(command).encode()).hexdigest()[:32]}"


def by(actor: Actor) -> str:
    """Who wished it, as the ledger keeps it: a role and a pseudonym, never a name."""
    for role, reference in (
        (Role.REVIEWER, actor.reviewer_id),
        (Role.MERCHANT, actor.shop_id),
        (Role.BUYER, actor.buyer_ref),
        (Role.PLATFORM, actor.platform),
    ):
        if actor.has(role) and reference:
            return f"{role}:{reference}"
    return next((str(role) for role in sorted(actor.roles)), "NOBODY")
