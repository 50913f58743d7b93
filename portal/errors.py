"""What can go wrong in the portal, as one short tree; `web.py` and `api.py` map it to HTTP.

    PortalError
      Refused        409  the rules say no, in a sentence a person understands
        NotReady     409  the system itself is not ready (a pool too small); tried again later
      BadInput       422  a field does not hold what it must; names the field
      NotAllowed     403  this person may not
      NotFound       404  no such thing, or not for this person's eyes
      Unconfirmed    503  the store did not confirm; pressing again counts once
      NotPublished   503  recorded, but witnesses are awaited before it can be proven

A sentence is a Chinese message id with named parameters; the page translates it (gettext), so the
rules stay free of the web and both languages say the same.
"""

from __future__ import annotations


def sentence(text: str) -> str:
    """Mark a sentence for the translation catalogue; returns it unchanged."""
    return text


class PortalError(Exception):
    """A failure with a sentence for the person in front of the screen."""

    status = 500

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.params = params


class Refused(PortalError):
    """The rules refuse; nothing was recorded."""

    status = 409


class NotReady(Refused):
    """Refused because of the system's own state; the worker asks again."""


class BadInput(PortalError):
    """One field of the input is wrong; `field` is its dotted path."""

    status = 422

    def __init__(self, field: str, message: str, **params: object) -> None:
        super().__init__(message, **params)
        self.field = field


class NotAllowed(PortalError):
    """This actor may not do this."""

    status = 403


class NotFound(PortalError):
    """No such thing, as far as this actor may know."""

    status = 404


class Unconfirmed(PortalError):
    """The ledger's store could not confirm the entry; the same command may be sent again."""

    status = 503

    def __init__(self) -> None:
        super().__init__(sentence("暂时无法确认是否已记录。请再按一次，不会重复计算。"))


class NotPublished(PortalError):
    """Too few witnesses have signed; what is recorded stays recorded and is published later."""

    status = 503

    def __init__(self) -> None:
        super().__init__(sentence("还在等见证人签署新的检查点，稍后公布。已经记录的内容不受影响。"))
