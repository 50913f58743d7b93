"""Open one foreign file, in a process that may die of it.

    python -I prove_worker.py SOURCE PICTURE LIMITS

LIMITS is JSON (prove.Limits). The answer is one JSON object on stdout: the fields of
prove.Proven without picture and size, or {"refused": code, "limit": number}. The picture is
written to PICTURE. Run by path and importing nothing of the portal, each decoder only when its
type came, so that a start costs a tenth of a second.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

LONGEST_SIDE = 1600
PICTURE_BYTES = 32 << 20
HEAD_BYTES = 4096
MIB = 1 << 20
FRAME_AT_US = 1_000_000

PILLOW_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
}
ALLOWED = frozenset({*PILLOW_FORMATS, "application/pdf", "video/mp4", "video/quicktime"})
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
# The same container, other contents: AVIF pictures, camera raw files, sound.
FOREIGN_BRANDS = frozenset({b"avif", b"avis", b"crx ", b"M4A ", b"M4B ", b"M4P "})

ACTIVE_NAMES = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|XFA|Rendition)"
    rb"(?![A-Za-z0-9_.#-])"
)
OPEN_ACTION = re.compile(rb"/OpenAction\s*(?:(\[)|(<<.{0,400}?>>)|(\d+) (\d+) R)", re.DOTALL)
# Literal strings and streams: what stands in them is text, not structure.
CONTENT = re.compile(rb"\((?:[^()\\]|\\.)*\)|\bstream\r?\n.*?endstream", re.DOTALL)
ACTION_KIND = re.compile(rb"/S\s*/([A-Za-z]+)")


class Rejected(Exception):
    """`code` and `limit` of the answer."""

    def __init__(self, code: str, limit: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.limit = limit


def main(source: str, picture: str, limits_json: str) -> None:
    """Answer on stdout."""
    limits: dict[str, int] = json.loads(limits_json)
    confine(limits)
    warnings.simplefilter("ignore")
    try:
        answer = examine(Path(source), Path(picture), limits)
    except Rejected as rejected:
        answer = {"refused": rejected.code, "limit": rejected.limit}
    print(json.dumps(answer))


def confine(limits: dict[str, int]) -> None:
    """Cap this process before it reads the first foreign byte."""
    caps = {
        resource.RLIMIT_AS: limits["memory_bytes"],
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_FSIZE: PICTURE_BYTES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for kind, cap in caps.items():
        resource.setrlimit(kind, (cap, cap))


def examine(source: Path, picture: Path, limits: dict[str, int]) -> dict[str, Any]:
    """Sniff, check the size for the type, decode, write the picture."""
    media_type = sniff(source)
    kind = "pdf" if media_type == "application/pdf" else media_type.split("/")[0]
    if source.stat().st_size > limits[f"{kind}_bytes"]:
        raise Rejected("TOO_LARGE", limits[f"{kind}_bytes"] // MIB)
    try:
        found = DECODERS[kind](source, media_type, picture, limits["pixels"])
    except (Rejected, ImportError):
        raise
    except Exception:  # noqa: BLE001  decoders raise anything about foreign bytes; all mean this
        raise Rejected("DAMAGED") from None
    return {"kind": kind, "media_type": media_type} | found


def sniff(source: Path) -> str:
    """The media type that the first bytes claim, if it is an allowed one."""
    import puremagic

    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    try:
        claims = {match.mime_type for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        claims = set()
    allowed = claims & ALLOWED
    if len(allowed) != 1:
        raise Rejected("NOT_ALLOWED")
    return allowed.pop()


def _of_brand(brand: bytes) -> str:
    # Pictures and videos share this container, and sniffers name both "mp4".
    if brand in FOREIGN_BRANDS:
        raise Rejected("NOT_ALLOWED")
    if brand in HEIC_BRANDS:
        return "image/heic"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def decode_image(source: Path, media_type: str, picture: Path, pixels: int) -> dict[str, Any]:
    """Decode with the one format the bytes claim; every other decoder stays shut."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # our own limit, below, is lower and answers in words
    if media_type == "image/heic":
        _open_heic()
    with Image.open(source, formats=[PILLOW_FORMATS[media_type]]) as image:
        _refuse_size(*image.size, pixels)
        captured_at = _captured_at(image)
        turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        width, height = reversed(image.size) if turned else image.size
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        _write_picture(ImageOps.exif_transpose(image), picture)
    return _found(width, height, captured_at=captured_at)


def _open_heic() -> None:
    import pillow_heif

    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False)


def _captured_at(image: Image.Image) -> str | None:
    exif = image.getexif()
    written = exif.get_ifd(0x8769).get(0x9003) or exif.get(0x0132)
    match = re.match(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)", str(written))
    return f"{match[1]}-{match[2]}-{match[3]}T{match[4]}" if match else None


def decode_video(source: Path, _: str, picture: Path, pixels: int) -> dict[str, Any]:
    """Decode the frame near one second. Neither the network nor another file is opened."""
    import av

    _refuse_cut(source)
    with av.open(str(source), format="mp4", options={"protocol_whitelist": "file"}) as video:
        if not video.streams.video:
            raise Rejected("NOT_ALLOWED")
        stream = video.streams.video[0]
        stream.codec_context.thread_count = 1
        _refuse_size(stream.codec_context.width, stream.codec_context.height, pixels)
        frame = _frame_near(video, stream)
        if frame is None or not video.duration:
            raise Rejected("DAMAGED")
        _refuse_size(frame.width, frame.height, pixels)
        image = frame.to_image()
        image = image.rotate(frame.rotation, expand=True) if frame.rotation else image
        _write_picture(image, picture)
        return _found(*image.size, duration_ms=video.duration // 1000)


def _refuse_cut(source: Path) -> None:
    """Refuse a file that ends inside one of its boxes; its beginning alone might still play."""
    end, place = source.stat().st_size, 0
    with source.open("rb") as file:
        while place + 8 <= end:
            file.seek(place)
            head = file.read(16)
            length = int.from_bytes(head[:4], "big")
            if length == 1:
                length = int.from_bytes(head[8:], "big")
            if length and (length < 8 or place + length > end):
                raise Rejected("DAMAGED")
            place += length or end


def _frame_near(video: Any, stream: Any) -> Any:
    last = None
    for frame in video.decode(stream):
        last = frame
        if frame.time is not None and frame.time * 1_000_000 >= FRAME_AT_US:
            break
    return last


def decode_pdf(source: Path, _: str, picture: Path, pixels: int) -> dict[str, Any]:
    """Draw the first page. Refuses a document that can act by itself."""
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    try:
        refuse_active(_rewritten(document))
        page = document[0]
        scale = LONGEST_SIDE / max(page.get_size())
        image = page.render(scale=scale, may_draw_forms=False).to_pil()
        _refuse_size(*image.size, pixels)
        _write_picture(image, picture)
        return _found(*image.size, pages=len(document))
    finally:
        document.close()


def _rewritten(document: Any) -> bytes:
    # Written anew, every object is plain: no object streams, no encryption and no #xx
    # spelling are left for a name to hide in.
    plain = BytesIO()
    document.save(plain, flags=3)  # FPDF_REMOVE_SECURITY
    return CONTENT.sub(b"", plain.getvalue())


def refuse_active(plain: bytes) -> None:
    """Refuse scripts, launches, attachments and opening actions other than a jump to a page."""
    if ACTIVE_NAMES.search(plain):
        raise Rejected("ACTIVE_CONTENT")
    for array, direct, number, generation in OPEN_ACTION.findall(plain):
        target = direct or _object(plain, number, generation)
        jumps = set(ACTION_KIND.findall(target)) == {b"GoTo"}
        if not (array or target.lstrip().startswith(b"[") or jumps):
            raise Rejected("ACTIVE_CONTENT")


def _object(plain: bytes, number: bytes, generation: bytes) -> bytes:
    found = re.search(rb"\b%s %s obj(.*?)endobj" % (number, generation), plain, re.DOTALL)
    return found[1] if found else b""


def _refuse_size(width: int, height: int, pixels: int) -> None:
    if width * height > pixels:
        raise Rejected("TOO_MANY_PIXELS", pixels // 10_000)


def _write_picture(image: Image.Image, target: Path) -> None:
    """Pixels onto an empty canvas: no metadata of the original can come along."""
    from PIL import Image

    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    shown = _in_srgb(image)
    shown = shown.convert("RGBA" if shown.has_transparency_data else "RGB")
    canvas = Image.new(shown.mode, shown.size)
    canvas.paste(shown)
    canvas.save(target, "WEBP", quality=82)


def _in_srgb(image: Image.Image) -> Image.Image:
    # Phones write wide-gamut pictures; without this a dispute about colour shows a dull one.
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    from PIL import ImageCms

    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = "RGB" if image.mode == "CMYK" else image.mode
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, given, srgb, outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError):
        return image


def _found(width: int, height: int, **more: Any) -> dict[str, Any]:
    unknown = {"duration_ms": None, "pages": None, "captured_at": None}
    return {"width": width, "height": height} | unknown | more


DECODERS = {"image": decode_image, "video": decode_video, "pdf": decode_pdf}


if __name__ == "__main__":
    main(*sys.argv[1:])
