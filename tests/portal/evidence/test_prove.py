from __future__ import annotations

import ast
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageCms

from portal.evidence.prove import WORKER, Limits, Proven, UploadRefused, prove
from tests.portal.evidence.documents import SCRIPT, packed_pdf, plain_pdf, write

SAMPLES = Path(__file__).parents[2] / "samples"
EVIDENCE = sorted(SAMPLES.glob("*/evidence/*/*"))
TAG = SAMPLES / "silk-shirt" / "evidence" / "buyer" / "tag.jpg"
LIMITS = Limits()
KINDS = {
    ".png": ("image", "image/png"),
    ".jpg": ("image", "image/jpeg"),
    ".heic": ("image", "image/heic"),
    ".mp4": ("video", "video/mp4"),
    ".pdf": ("pdf", "application/pdf"),
}


def opened(proven: Proven) -> Image.Image:
    picture = Image.open(BytesIO(proven.picture), formats=["WEBP"])
    picture.load()
    return picture


def refused(path: Path, name: str = "tag.jpg", limits: Limits = LIMITS) -> UploadRefused:
    with pytest.raises(UploadRefused) as caught:
        prove(path, claimed_name=name, limits=limits)
    return caught.value


@pytest.mark.parametrize("path", EVIDENCE, ids=lambda path: "/".join(path.parts[-4:]))
def test_the_evidence_of_the_samples_is_proven(path: Path) -> None:
    proven = prove(path, claimed_name=path.name)
    picture = opened(proven)

    assert (proven.kind, proven.media_type) == KINDS[path.suffix]
    assert proven.size == path.stat().st_size
    assert max(picture.size) <= 1600
    assert abs(picture.width / picture.height - proven.width / proven.height) < 0.01
    assert (proven.duration_ms is not None) == (proven.kind == "video")
    assert (proven.pages is not None) == (proven.kind == "pdf")


def test_there_are_samples_to_prove() -> None:
    assert len(EVIDENCE) == 14


def test_the_length_of_a_video_is_known() -> None:
    assert prove(TAG.with_name("unboxing.mp4"), claimed_name="开箱.mp4").duration_ms == 12_000


def test_the_time_a_camera_claims_is_kept_but_not_the_place() -> None:
    with Image.open(TAG) as original:
        assert original.getexif().get_ifd(0x8825)

    proven = prove(TAG, claimed_name="tag.jpg")

    assert proven.captured_at == "2026-11-08T19:48:22"
    assert not opened(proven).getexif()
    assert not {"exif", "xmp", "icc_profile"} & opened(proven).info.keys()


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("01_html.jpg", "NOT_ALLOWED", "NOT_ALLOWED"),
        ("03_script.svg", "NOT_ALLOWED", "NOT_ALLOWED"),
        ("04_bomb.png", "TOO_MANY_PIXELS", "TOO_MANY_PIXELS"),
        ("05_truncated.mp4", "DAMAGED", "DAMAGED"),
        ("06_ssrf.m3u8", "NOT_ALLOWED", "NOT_ALLOWED"),
        ("07_bomb.zip", "NOT_ALLOWED", "NOT_ALLOWED"),
        ("08_empty.jpg", "EMPTY", "EMPTY"),
        ("09_javascript.pdf", "NOT_ALLOWED", "ACTIVE_CONTENT"),
        ("10_exe.pdf", "NOT_ALLOWED", "NOT_ALLOWED"),
        ("11_names.json", "NOT_ALLOWED", "NOT_ALLOWED"),
        ("12a_negative.order.json", "NOT_ALLOWED", "NOT_ALLOWED"),
    ],
)
def test_a_hostile_file_is_refused_in_words(name: str, code: str, reason: str) -> None:
    refusal = refused(SAMPLES / "hostile" / name, name)

    assert (refusal.code, refusal.reason, refusal.status) == (code, reason, 409)
    assert name in str(refusal)


def test_a_picture_that_is_also_a_script_is_shown_as_pixels_only() -> None:
    path = SAMPLES / "hostile" / "02_polyglot.jpg"
    proven = prove(path, claimed_name="02_polyglot.jpg")

    assert b"<script" in path.read_bytes()
    assert b"<script" not in proven.picture
    assert opened(proven).size == (64, 48)


def test_the_name_does_not_decide_what_a_file_is() -> None:
    assert prove(TAG, claimed_name="invoice.pdf").media_type == "image/jpeg"
    assert refused(SAMPLES / "hostile" / "06_ssrf.m3u8", "clip.mp4").code == "NOT_ALLOWED"


def test_the_sentence_of_a_refusal_shows_a_harmless_name(tmp_path: Path) -> None:
    refusal = refused(write(tmp_path, b"MZ"), "../invoice\u202efdp.exe")

    assert "“invoicefdp.exe”" in str(refusal)


@pytest.mark.parametrize(
    ("path", "limits"),
    [
        (TAG, Limits(image_bytes=1 << 17)),
        (TAG.with_name("unboxing.mp4"), Limits(video_bytes=1 << 17)),
        (TAG.parents[1] / "merchant" / "inspection.pdf", Limits(pdf_bytes=1 << 17)),
        (TAG, Limits(image_bytes=1 << 17, video_bytes=1 << 17, pdf_bytes=1 << 17)),
    ],
)
def test_each_kind_has_its_own_limit_of_bytes(path: Path, limits: Limits) -> None:
    assert refused(path, limits=limits).code == "TOO_LARGE"


@pytest.mark.parametrize("name", ["tag.jpg", "item.heic", "chat_screenshot.png", "unboxing.mp4"])
def test_too_many_pixels_are_refused_before_they_are_decoded(name: str) -> None:
    assert refused(TAG.with_name(name), limits=Limits(pixels=400_000)).code == "TOO_MANY_PIXELS"


def test_a_worker_without_an_answer_is_a_damaged_file_and_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert refused(TAG, limits=Limits(wall_seconds=0)).code == "DAMAGED"
    assert "evidence worker gave no answer" in caplog.text


@pytest.mark.parametrize("megabytes", [8, 64])
def test_a_file_that_needs_too_much_memory_is_damaged_and_no_error(megabytes: int) -> None:
    assert refused(TAG, limits=Limits(memory_bytes=megabytes << 20)).code == "DAMAGED"


@pytest.mark.parametrize("path", EVIDENCE[:7], ids=lambda path: path.name)
def test_a_file_that_was_cut_off_is_damaged(path: Path, tmp_path: Path) -> None:
    content = path.read_bytes()
    cut = write(tmp_path, content[: len(content) // 3])

    assert refused(cut).code == "DAMAGED"


@pytest.mark.parametrize("path", EVIDENCE[:7], ids=lambda path: path.name)
def test_a_file_with_noise_in_it_is_proven_or_refused_and_nothing_else(
    path: Path, tmp_path: Path
) -> None:
    content = bytearray(path.read_bytes())
    for place in range(40, len(content), 997):
        content[place] ^= 0xA5

    with suppress(UploadRefused):
        opened(prove(write(tmp_path, bytes(content)), claimed_name=path.name))


@pytest.mark.parametrize("write_pdf", [plain_pdf, packed_pdf])
@pytest.mark.parametrize(
    "parts",
    [
        (b"/OpenAction 4 0 R", SCRIPT),
        (b"/OpenAction << /S /URI /URI (http://127.0.0.1/) >>",),
        (b"/OpenAction << /S /Launch /F (calc.exe) >>",),
        (b"/OpenAction 4 0 R", b"<< /S /URI /URI (http://127.0.0.1/) /Next << /S /GoTo >> >>"),
        (b"/Names << /JavaScript << /Names [(a) 4 0 R] >> >>", SCRIPT),
        (b"/AA << /WC 4 0 R >>", b"<< /S /J#61vaScript /J#53 (1) >>"),
        (b"/Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >>", b"<< /Type /Filespec >>"),
        (b"/AcroForm << /Fields [] /XFA (x) >>",),
    ],
)
def test_a_document_that_acts_by_itself_is_refused_however_it_is_packed(
    write_pdf: Any, parts: tuple[bytes, ...], tmp_path: Path
) -> None:
    assert refused(write(tmp_path, write_pdf(*parts))).reason == "ACTIVE_CONTENT"


@pytest.mark.parametrize("write_pdf", [plain_pdf, packed_pdf])
@pytest.mark.parametrize(
    "parts",
    [
        (b"",),
        (b"/OpenAction [3 0 R /FitH null]",),
        (b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>",),
        (b"/OpenAction 4 0 R", b"<< /S /GoTo /D [3 0 R /Fit] >>"),
        (b"/OpenAction 4 0 R", b"[3 0 R /Fit]"),
        (b"/PieceInfo (/JavaScript is only mentioned here)",),
    ],
)
def test_a_document_that_only_opens_on_a_page_is_taken(
    write_pdf: Any, parts: tuple[bytes, ...], tmp_path: Path
) -> None:
    proven = prove(write(tmp_path, write_pdf(*parts)), claimed_name="a.pdf")

    assert (proven.pages, proven.width, proven.height) == (1, 1600, 1067)


def saved(folder: Path, image: Image.Image, form: str, **options: Any) -> Path:
    content = BytesIO()
    image.save(content, form, **options)
    return write(folder, content.getvalue())


def test_a_picture_held_sideways_is_shown_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path, Image.new("RGB", (60, 40), "red"), "JPEG", exif=exif)
    proven = prove(path, claimed_name="a.jpg")

    assert (proven.width, proven.height) == opened(proven).size == (40, 60)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_gives_a_picture(mode: str, tmp_path: Path) -> None:
    proven = prove(saved(tmp_path, Image.new(mode, (30, 20)), "PNG"), claimed_name="a.png")

    assert opened(proven).size == (30, 20)


def test_colours_of_another_profile_are_shown_in_srgb(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (30, 20), (200, 30, 30))
    proven = prove(saved(tmp_path, image, "JPEG", icc_profile=profile), claimed_name="a.jpg")
    red, green, blue = opened(proven).convert("RGB").getpixel((5, 5))

    assert abs(red - 200) < 8
    assert abs(green - 30) < 8
    assert abs(blue - 30) < 8
    assert "icc_profile" not in opened(proven).info


def test_a_junk_colour_profile_does_not_cost_the_evidence(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.new("RGB", (30, 20)), "JPEG", icc_profile=b"junk" * 40)

    assert prove(path, claimed_name="a.jpg").kind == "image"


def test_an_animation_format_that_nobody_asked_for_is_refused(tmp_path: Path) -> None:
    assert refused(saved(tmp_path, Image.new("RGB", (30, 20)), "GIF")).code == "NOT_ALLOWED"


def filmed(
    path: Path, form: str, *, pictures: bool = True, frame: av.VideoFrame | None = None
) -> Path:
    with av.open(str(path), "w", format=form) as video:
        if pictures:
            stream = video.add_stream("mpeg4", rate=10)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for _ in range(15):
                video.mux(stream.encode(frame or av.VideoFrame(64, 48, "yuv420p")))
        else:
            stream = video.add_stream("aac", rate=48_000)
            silence = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            silence.planes[0].update(bytes(silence.planes[0].buffer_size))
            silence.sample_rate = 48_000
            video.mux(stream.encode(silence))
        video.mux(stream.encode(None))
    return path


def test_a_phone_movie_is_proven(tmp_path: Path) -> None:
    proven = prove(filmed(tmp_path / "clip", "mov"), claimed_name="clip.mov")

    assert (proven.media_type, proven.duration_ms) == ("video/quicktime", 1500)
    assert opened(proven).size == (64, 48)


def test_a_video_held_upright_is_shown_upright(tmp_path: Path) -> None:
    path = filmed(tmp_path / "clip", "mov", frame=av.VideoFrame.from_image(red_top_left()))
    one, zero, minus = (n.to_bytes(4, "big", signed=True) for n in (1 << 16, 0, -1 << 16))
    flat, quarter = one + zero * 3 + one, zero + one + zero + minus + zero
    content = path.read_bytes()
    track = content.index(b"tkhd")
    matrix = content.index(flat, track)
    path.write_bytes(content[:matrix] + quarter + content[matrix + len(quarter) :])

    proven = prove(path, claimed_name="clip.mov")
    picture = opened(proven).convert("RGB")

    assert (proven.width, proven.height) == picture.size == (48, 64)
    assert picture.getpixel((40, 8))[0] > 150
    assert picture.getpixel((8, 8))[0] < 100


def red_top_left() -> Image.Image:
    image = Image.new("RGB", (64, 48), "black")
    image.paste("red", (0, 0, 32, 24))
    return image


def test_a_video_without_pictures_is_not_evidence_we_can_show(tmp_path: Path) -> None:
    assert refused(filmed(tmp_path / "clip", "mp4", pictures=False)).code == "NOT_ALLOWED"


def test_the_worker_starts_without_the_portal() -> None:
    tree = ast.parse(WORKER.read_text("utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    decoders = {"PIL", "av", "pillow_heif", "puremagic", "pypdfium2"}
    at_once = {one.name for node in tree.body if isinstance(node, ast.Import) for one in node.names}

    assert imported <= sys.stdlib_module_names | decoders
    assert at_once <= sys.stdlib_module_names
