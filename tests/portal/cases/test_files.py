"""Files of a case: by range, harmless in the browser, and only for those who may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from portal.access import Role
from tests.builders import (
    SAMPLES,
    a_house,
    close_house,
    file_sample,
    sign_in_buyer,
    sign_in_merchant,
)
from tests.houses import case_of
from tests.people import enroll, sign_in

SILK = "silk-shirt"
BUYERS = SAMPLES / SILK / "evidence" / "buyer"
REPLAY = (SAMPLES / SILK / "replay.mp4").read_bytes()


@dataclass(frozen=True)
class Filed:
    app: APIFlask
    case_no: str
    buyer: FlaskClient
    merchant: FlaskClient

    @property
    def replay(self) -> str:
        return f"/cases/{self.case_no}/replay"

    def exhibit(self, number: str) -> str:
        return f"/cases/{self.case_no}/exhibits/{number}"


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filed]:
    app = a_house(tmp_path_factory.mktemp("portal"))
    case_no = file_sample(app, SILK)
    yield Filed(app, case_no, sign_in_buyer(app, SILK), sign_in_merchant(app, SILK))
    close_house(app)


def test_the_replay_comes_whole_and_says_that_it_can_come_in_parts(filed: Filed) -> None:
    answer = filed.buyer.get(filed.replay)
    assert (answer.status_code, answer.data) == (200, REPLAY)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.mimetype == "video/mp4"
    assert answer.headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=65530-65545", 65_530, 65_546),  # over the edge of an encrypted segment
        ("bytes=1000000-", 1_000_000, len(REPLAY)),
        ("bytes=0-99999999", 0, len(REPLAY)),
        ("bytes=-500", len(REPLAY) - 500, len(REPLAY)),
        ("bytes=-99999999", 0, len(REPLAY)),
    ],
)
def test_a_range_is_answered_with_exactly_its_bytes(
    filed: Filed, asked: str, start: int, stop: int
) -> None:
    answer = filed.buyer.get(filed.replay, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.data == REPLAY[start:stop]
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(REPLAY)}"
    assert answer.content_length == stop - start


def test_a_range_beyond_the_end_is_refused_with_the_length(filed: Filed) -> None:
    answer = filed.buyer.get(filed.replay, headers={"Range": f"bytes={len(REPLAY)}-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(REPLAY)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=9-2", "nonsense"])
def test_what_is_no_single_range_is_answered_with_the_whole(filed: Filed, asked: str) -> None:
    answer = filed.buyer.get(filed.replay, headers={"Range": asked})
    assert (answer.status_code, len(answer.data)) == (200, len(REPLAY))


def test_a_range_of_another_version_is_answered_with_the_whole(filed: Filed) -> None:
    same = filed.buyer.get(filed.replay).headers["ETag"]
    ranged = {"Range": "bytes=0-9"}
    assert filed.buyer.get(filed.replay, headers={**ranged, "If-Range": same}).status_code == 206
    other = {**ranged, "If-Range": '"other"'}
    assert filed.buyer.get(filed.replay, headers=other).status_code == 200


def test_an_original_is_a_download_that_can_do_nothing(filed: Filed) -> None:
    answer = filed.buyer.get(filed.exhibit("B1"))
    assert answer.data == (BUYERS / "tag.jpg").read_bytes()
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox allow-same-origin; default-src 'none'" in policy  # it plays, and runs nothing
    assert "allow-scripts" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_picture_is_ours_and_knows_no_place(filed: Filed) -> None:
    answer = filed.merchant.get(filed.exhibit("B1") + "/picture")
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert b"Exif" not in answer.data


def test_the_other_side_never_gets_the_photo_that_tells_where_it_was_taken(filed: Filed) -> None:
    answer = filed.merchant.get(filed.exhibit("B1"))
    assert answer.status_code == 403
    assert b"GPS" not in answer.data
    assert filed.merchant.get(filed.exhibit("B3")).mimetype == "video/mp4"


def test_an_office_gets_photos_but_not_the_orders_record(filed: Filed) -> None:
    enroll(filed.app, "office@example.com", Role.ASSOCIATION)
    office = sign_in(filed.app, "office@example.com")
    assert office.get(filed.exhibit("B1")).status_code == 200
    assert office.get(filed.exhibit("P4")).status_code == 403
    assert filed.buyer.get(filed.exhibit("P4")).mimetype == "application/json"


def test_nobody_else_learns_that_the_case_exists(filed: Filed) -> None:
    enroll(filed.app, "other@example.com", Role.MERCHANT, shop_id="shop-other")
    enroll(filed.app, "reviewer@example.com", Role.REVIEWER, reviewer_id="r_idle")
    for email in ("other@example.com", "reviewer@example.com"):
        client = sign_in(filed.app, email)
        for path in (filed.replay, filed.exhibit("B1"), filed.exhibit("B1") + "/picture"):
            assert client.get(path).status_code == 404, (email, path)
    assert filed.app.test_client().get(filed.replay).status_code == 303


def test_an_exhibit_that_does_not_exist_is_not_found(filed: Filed) -> None:
    assert filed.buyer.get(filed.exhibit("B9")).status_code == 404
    assert filed.buyer.get(filed.exhibit("P2") + "/picture").status_code == 404


def test_the_live_replay_is_for_those_who_bought_in_it(filed: Filed) -> None:
    path = "/livestreams/hailiao-live/ls-20261105-70221845-01/replay"
    assert filed.buyer.get(path, headers={"Range": "bytes=0-9"}).status_code == 206
    enroll(filed.app, "b2@example.com", Role.BUYER, buyer_ref="b_9", platform="hailiao-live")
    assert sign_in(filed.app, "b2@example.com").get(path).status_code == 404


def test_a_file_whose_key_was_destroyed_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("erased")
    app = a_house(folder)
    case_no = file_sample(app, SILK)
    kid = key_of_exhibit(app, case_no, "B1")
    app.extensions["mingan"].keyring._cached.cache_clear()
    (folder / "store" / "keys" / kid).unlink()
    answer = sign_in_buyer(app, SILK).get(f"/cases/{case_no}/exhibits/B1")
    assert (answer.status_code, "已经销毁" in answer.text) == (404, True)
    close_house(app)


def key_of_exhibit(app: APIFlask, case_no: str, number: str) -> str:
    exhibits = case_of(app.extensions["mingan"], case_no).exhibits
    return next(x.file.kid for x in exhibits if x.number == number)
