"""What an uploaded file really is: from its bytes, proven by decoding, never from its name.

The decoders run in `prove_worker.py`, a process of its own with limits on memory, processor
and wall-clock time, so a file made to break one costs a refusal and nothing more.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from portal.errors import Refused, sentence
from portal.evidence.names import safe_name

MIB = 1 << 20
WORKER = Path(__file__).with_name("prove_worker.py")
# One arena and one thread per library: otherwise address space runs out long before memory.
WORKER_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "MALLOC_ARENA_MAX": "1",
    "OMP_NUM_THREADS": "1",
}
logger = logging.getLogger(__name__)

SENTENCES = {
    "EMPTY": sentence("“%(name)s”是空文件，没有收到内容。"),
    "TOO_LARGE": sentence("“%(name)s”太大，这类文件最多 %(limit)s MB。"),
    "NOT_ALLOWED": sentence(
        "“%(name)s”不是可以提交的类型。请提交照片（jpg、png、webp、heic）、"
        "视频（mp4、mov）或者 PDF。"
    ),
    "ACTIVE_CONTENT": sentence(
        "“%(name)s”里带有脚本、附件或自动动作。请重新打印成普通 PDF 再提交。"
    ),
    "DAMAGED": sentence("“%(name)s”打不开，可能没有传完整。请检查原文件后再提交。"),
    "TOO_MANY_PIXELS": sentence("“%(name)s”的画面太大，最多 %(limit)s 万像素。"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost. Bytes, pixels of a decoded picture, seconds."""

    image_bytes: int = 10 * MIB
    pdf_bytes: int = 20 * MIB
    video_bytes: int = 500 * MIB
    pixels: int = 64_000_000
    memory_bytes: int = 2048 * MIB
    cpu_seconds: int = 20
    wall_seconds: int = 40


@dataclass(frozen=True, slots=True)
class Proven:
    """A file that was decoded.

    `width` and `height` are pixels as shown (turned upright; of the picture for a PDF).
    `captured_at` is the camera's own claim without time zone ("2026-11-08T19:02:11").
    `picture` is a WebP of at most 1600 pixels a side, made from pixels alone: no metadata.
    """

    kind: Literal["image", "video", "pdf"]
    media_type: str
    width: int
    height: int
    duration_ms: int | None
    pages: int | None
    captured_at: str | None
    picture: bytes
    size: int


class UploadRefused(Refused):
    """A file that is not taken.

    `code`: EMPTY, TOO_LARGE, NOT_ALLOWED, DAMAGED or TOO_MANY_PIXELS. `reason` equals it, or
    is ACTIVE_CONTENT for a PDF that is NOT_ALLOWED because it acts by itself.
    """

    def __init__(self, reason: str, **params: object) -> None:
        super().__init__(SENTENCES[reason], **params)
        self.reason = reason
        self.code = "NOT_ALLOWED" if reason == "ACTIVE_CONTENT" else reason


def prove(path: Path, *, claimed_name: str, limits: Limits = Limits()) -> Proven:
    """Decode the file at `path` and say what it is. Raises UploadRefused.

    `claimed_name` is used in the sentence of a refusal, for nothing else.
    """
    name = safe_name(claimed_name)
    size = path.stat().st_size
    if size == 0:
        raise UploadRefused("EMPTY", name=name)
    largest = max(limits.image_bytes, limits.pdf_bytes, limits.video_bytes)
    if size > largest:
        raise UploadRefused("TOO_LARGE", name=name, limit=largest // MIB)
    with TemporaryDirectory(prefix="prove-") as folder:
        picture = Path(folder, "picture.webp")
        found = _ask_worker(path, picture, limits)
        if "refused" in found:
            raise UploadRefused(found["refused"], name=name, limit=found.get("limit"))
        return Proven(picture=picture.read_bytes(), size=size, **found)


def _ask_worker(path: Path, picture: Path, limits: Limits) -> dict[str, Any]:
    command = [sys.executable, "-I", str(WORKER), str(path.resolve()), str(picture)]
    try:
        done = subprocess.run(
            [*command, json.dumps(asdict(limits))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.wall_seconds,
            cwd=picture.parent,
            env=WORKER_ENVIRONMENT,
            check=True,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as problem:
        # Every file ending here would mean a broken installation, so it must be seen.
        logger.warning("evidence worker gave no answer: %s", type(problem).__name__)
        return {"refused": "DAMAGED"}
    return answer
