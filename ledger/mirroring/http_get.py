"""Reading files from somebody's web server: bounded answers, one connection kept open.

For mirrors, which fetch thousands of small files. Only http and https, no redirects, at most so
many bytes, and an end in time.
"""

from __future__ import annotations

from http.client import HTTPException, HTTPResponse
from types import TracebackType
from urllib.parse import urlsplit

from ledger.errors import NotStored, Unreachable
from ledger.timely import TimelyConnection, TimelySecureConnection
from ledger.witnessing.http_post import check_url

_PIECE_BYTES = 1 << 16
_LONGEST_REFUSAL = 1 << 16


class Website:
    """The files below one address. For one thread."""

    def __init__(self, url: str, seconds: float = 10.0) -> None:
        """ValueError if the address cannot be asked."""
        check_url(url)
        parts = urlsplit(url)
        self.url = url.rstrip("/")
        self._path = parts.path.rstrip("/")
        kind = TimelySecureConnection if parts.scheme == "https" else TimelyConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=seconds)

    def __enter__(self) -> Website:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def get(self, name: str, most: int) -> bytes:
        """The file of this name; NotStored if there is none, Unreachable if no usable answer."""
        try:
            return self._get_again(name, most)
        except (HTTPException, OSError) as error:
            self._connection.close()
            raise Unreachable(f"{self.url}/{name} did not answer: {error}") from None

    def _get_again(self, name: str, most: int) -> bytes:
        try:
            return self._get(name, most)
        except (HTTPException, ConnectionError):  # kept open too long: once more on a new one
            self._connection.close()
            return self._get(name, most)

    def _get(self, name: str, most: int) -> bytes:
        headers = {"User-Agent": "mingan-ledger", "Accept-Encoding": "identity"}
        self._connection.request("GET", f"{self._path}/{name}", headers=headers)
        response = self._connection.getresponse()
        content = self._read(response, max(most, _LONGEST_REFUSAL), name)
        if response.status in (404, 410):
            raise NotStored(f"{self.url} has no {name}")
        if response.status != 200:
            raise Unreachable(f"{self.url}/{name} answered {response.status}")
        return content

    def _read(self, response: HTTPResponse, most: int, name: str) -> bytes:
        pieces: list[bytes] = []
        left = most
        while piece := response.read1(_PIECE_BYTES):
            pieces.append(piece)
            left -= len(piece)
            if left < 0:
                self._connection.close()
                raise Unreachable(f"{self.url}/{name}: the answer is too long")
        response.close()  # it is read to its end: the connection is free for the next
        return b"".join(pieces)
