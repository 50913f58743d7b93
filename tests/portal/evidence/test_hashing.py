from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal.evidence.hashing import EvidenceRequest, HashingFile

LARGE = bytes(range(256)) * 20_000


def an_app(folder: Path) -> Flask:
    app = Flask(__name__)
    app.request_class = EvidenceRequest

    @app.post("/")
    def receive() -> ResponseReturnValue:
        uploads = request.files.getlist("f")
        digests = [upload.stream.sha256 for upload in uploads]
        for number, upload in enumerate(uploads):
            upload.save(folder / str(number))
        return {"digests": digests, "sizes": [upload.stream.size for upload in uploads]}

    return app


def post(app: Flask, *contents: bytes) -> dict[str, list[str]]:
    parts = (
        b'--cut\r\nContent-Disposition: form-data; name="f"; filename="a.jpg"\r\n\r\n%s\r\n' % one
        for one in contents
    )
    body = b"".join(parts) + b"--cut--\r\n"
    form = "multipart/form-data; boundary=cut"
    return app.test_client().post("/", data=body, content_type=form).get_json()


@pytest.mark.parametrize("content", [b"", b"small", LARGE], ids=["empty", "small", "on disk"])
def test_the_digest_is_known_before_anybody_reads_the_upload(
    content: bytes, tmp_path: Path
) -> None:
    answer = post(an_app(tmp_path), content)

    assert answer == {
        "digests": [hashlib.sha256(content).hexdigest()],
        "sizes": [len(content)],
    }
    assert Path(tmp_path, "0").read_bytes() == content


def test_two_uploads_have_two_digests(tmp_path: Path) -> None:
    answer = post(an_app(tmp_path), b"one", b"two")

    assert answer["digests"] == [hashlib.sha256(one).hexdigest() for one in (b"one", b"two")]


def test_bytes_that_were_digested_cannot_be_written_over() -> None:
    with HashingFile() as file:
        file.write(b"evidence")
        file.seek(0)
        with pytest.raises(io.UnsupportedOperation):
            file.write(b"forgery")
        with pytest.raises(io.UnsupportedOperation):
            file.truncate(2)

        assert file.read() == b"evidence"
        assert file.sha256 == hashlib.sha256(b"evidence").hexdigest()


def test_lines_are_digested_too() -> None:
    with HashingFile() as file:
        file.writelines([b"a\n", b"b\n"])

        assert (file.sha256, file.size) == (hashlib.sha256(b"a\nb\n").hexdigest(), 4)
