#!/usr/bin/env python3
"""明案证据包核对程序。只需 Python 3.8 以上，不联网，不安装任何东西，不需要信任任何一方。

Check an evidence bundle of a Ming'an ledger. One file, plain Python 3.8 or later, no network.

    python verify.py                                in the folder of an unpacked bundle
    python verify.py BUNDLE.zip --vkey PUBLIC-KEY   公钥请取自可信的公布处 / from a source you trust

Exit status 0: everything that is checked here holds. 1: something does not. In this order:

    names        no file but those that a bundle has
    key          the log's public key, given by you or claimed by the bundle
    checkpoint   the log signed "this many entries, this root" (Ed25519), and so did witnesses
    proof        each entry, byte for byte, leads to that root (RFC 6962)
    stream       the entries are numbered without a gap, each names the hash of the one before
    map          the log recorded under that root how long the stream is: these are all entries
    fields       what is shown in clear is what the sealed entries promised (RFC 9901)
    container    the zip file is, to the byte, the one that a log writes

Not checked here, and said so: ML-DSA-44 signatures and the RFC 3161 time stamp. This program
was written to be read; `python -m ledger verify` checks everything and must agree with it.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":  # else a file json.py that a bundle puts beside this one would be run
    here = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 - pathlib would be such a file
    sys.path[:] = [each for each in sys.path if os.path.realpath(each) != here]

import argparse
import base64
import hashlib
import io
import json
import re
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

MAX_BYTES, MAX_SHRUNK = 1 << 30, 100  # no bundle is larger, no text shrinks more
NUMBER = r"(?:0|[1-9][0-9]{0,18})"
HASH = r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="  # 32 bytes in base64, in their one spelling
KNOWN = re.compile(
    r"README\.txt|verify\.py|log\.vkey|policy\.txt|checkpoint|checkpoint\.tsr|stream|proof"
    rf"|entries/{NUMBER}|map/{NUMBER}|map/proof|disclosures/{NUMBER}\.jsonl"
    r"|extras(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}){1,9}"
)
ENTRY = re.compile(
    rf"mingan/entry/v2\n([!-~]{{1,200}}) (0|[1-9][0-9]{{0,15}}) (-|{HASH}) ({HASH}) "
    r"([1-9][0-9]{0,4})/([1-9][0-9]{0,4}) (-|[A-Za-z0-9_][A-Za-z0-9._-]{0,127})\n".encode()
)
LOG_KEY, WITNESS_KEY, MLDSA_KEY = 1, 4, 6  # the types of C2SP signed-note


class Refused(Exception):
    """What does not hold, in a sentence that begins with the name of the file."""


class Line(NamedTuple):
    """One finding, in Chinese and in English."""

    level: str
    chinese: str
    english: str


def ok(chinese: str, english: str) -> Line:
    """Something that holds."""
    return Line("通过 ok", chinese, english)


def note(chinese: str, english: str) -> Line:
    """Something worth knowing that proves nothing against the log."""
    return Line("说明 note", chinese, english)


def demand(holds: object, sentence: str) -> None:
    """Refuse with this sentence unless it holds."""
    if not holds:
        raise Refused(sentence)


def check(files: dict[str, bytes], vkey: str | None) -> Iterator[Line]:
    """Every finding in order; Refused at the first thing that does not hold."""
    for name in files:
        demand(KNOWN.fullmatch(name), f"{name}: a file that does not belong in a bundle")
    key = read_log_key(files, vkey)
    given, claimed = "the given key", "the bundle's own claim: compare it with a published key"
    yield (
        ok(f"log.vkey：与给定的公钥一致 {key.text}", given)
        if vkey
        else note(f"log.vkey：本包自称，请与公布的公钥比对 {key.text}", claimed)
    )
    size, root = read_checkpoint(text_of(files, "checkpoint"), key)
    yield ok(
        f"checkpoint：{key.name}，共 {size} 条记录，签名有效",
        f"{key.name}, {size} entries, the Ed25519 signature holds",
    )
    yield from check_witnesses(files)
    entries = [read_entry(files, f"entries/{index}") for index in numbers(files, "entries/")]
    map_entry = read_map_entry(files)
    check_inclusion(text_of(files, "proof"), [*entries, map_entry], size, root)
    yield ok(
        f"proof：{len(entries)} 条记录逐字节都在该检查点之内",
        f"{len(entries)} entries lead to the root of the checkpoint",
    )
    yield check_complete(files, check_stream(files, entries), entries, map_entry)
    yield from find_erased(entries)
    yield check_fields(files, {entry.index: entry for entry in entries})
    yield from check_extras(files)
    yield from name_unchecked(files)


# ---- Ed25519, verification only (RFC 8032 section 5.1) ---------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


class Point(NamedTuple):
    """Extended coordinates: x = X/Z, y = Y/Z, x * y = T/Z."""

    x: int
    y: int
    z: int
    t: int

    def __add__(self, other: Point) -> Point:  # type: ignore[override]
        """Section 5.1.4; complete, so it doubles as well."""
        a = (self.y - self.x) * (other.y - other.x) % P
        b = (self.y + self.x) * (other.y + other.x) % P
        c, d = 2 * self.t * other.t * D % P, 2 * self.z * other.z % P
        e, f, g, h = b - a, d - c, d + c, b + a
        return Point(e * f % P, g * h % P, f * g % P, e * h % P)

    def times(self, scalar: int) -> Point:
        total, power = NEUTRAL, self
        while scalar:
            total = total + power if scalar & 1 else total
            power, scalar = power + power, scalar >> 1
        return total

    def encode(self) -> bytes:
        """Section 5.1.2."""
        inverse = pow(self.z, P - 2, P)
        x, y = self.x * inverse % P, self.y * inverse % P
        return (y | (x & 1) << 255).to_bytes(32, "little")


NEUTRAL = Point(0, 1, 1, 0)


def decode_point(encoded: bytes) -> Point:
    """Section 5.1.3; a coordinate beyond P would be a second spelling of a key."""
    demand(len(encoded) == 32, "an Ed25519 key has 32 bytes")
    sign, y = encoded[31] >> 7, int.from_bytes(encoded, "little") & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    demand(y < P and x * x % P == square and (x or not sign), "not a point of Ed25519")
    x = x if x & 1 == sign else P - x
    return Point(x, y, 1, x * y % P)


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Section 5.1.7, without the cofactor, as OpenSSL does it."""
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or scalar >= L:
        return False
    x, y, z, t = decode_point(public_key)
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    minus = Point(P - x, y, z, P - t).times(int.from_bytes(digest, "little") % L)
    return (BASE.times(scalar) + minus).encode() == signature[:32]


# ---- keys and signed notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature) -------------


class Key(NamedTuple):
    name: str
    kind: int
    public: bytes
    text: str

    @property
    def id(self) -> bytes:
        content = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(content)[:4]


def read_key(text: str) -> Key:
    """A published key: name+<hex of its id>+<base64 of type and key>."""
    name, _, rest = text.partition("+")
    shown, _, encoded = rest.partition("+")
    content = unbase64(encoded)
    demand(content[:1] in (b"\1", b"\4", b"\6"), f"not a public key: {text[:80]}")
    key = Key(name, content[0], content[1:], text)
    demand(key.id.hex() == shown, f"the key id {shown[:8]} does not belong to the key of {name}")
    if key.kind != MLDSA_KEY:  # under a point of low order one signature fits many messages
        weak = decode_point(key.public).times(8).encode() == NEUTRAL.encode()
        demand(not weak, f"an Ed25519 key of low order proves nothing: {text[:80]}")
    return key


def read_log_key(files: dict[str, bytes], vkey: str | None) -> Key:
    """The log's Ed25519 key; one that is given must be the one that the bundle names."""
    lines = text_of(files, "log.vkey").split("\n")
    demand(len(lines) == 3 and not lines[2], "log.vkey: not exactly two lines with public keys")
    key, second = read_key(lines[0]), read_key(lines[1])
    kinds = (key.kind, second.kind) == (LOG_KEY, MLDSA_KEY)
    demand(kinds and key.name == second.name, "log.vkey: not the two keys of one log")
    given = read_key(vkey) if vkey else key
    demand(given in (key, second), "log.vkey: the bundle names another key than the one given")
    demand(given == key, "log.vkey: only the log's Ed25519 key can be used here")
    return key


def read_checkpoint(text: str, key: Key) -> tuple[int, bytes]:
    """Size and root, if the log signed them."""
    head, signed = split_note(text)
    lines = head.split("\n")
    form = len(lines) > 3 and lines[0] == key.name and "" not in lines[:-1]
    demand(form, "checkpoint: not origin, size and root of this log")
    holds = is_signed(key.public, head.encode(), signed.get((key.name, key.id), b""))
    demand(holds, "checkpoint: not signed by the log")
    return number(lines[1]), unhash(lines[2])


def split_note(text: str) -> tuple[str, dict[tuple[str, bytes], bytes]]:
    """What is signed, and the signatures by name and key id; the first by one key counts."""
    head, gap, tail = text.rpartition("\n\n")
    lines = tail.split("\n")
    demand(gap and 1 < len(lines) <= 101 and not lines[-1], "checkpoint: no signed note")
    signed: dict[tuple[str, bytes], bytes] = {}
    for parts in (line.split(" ") for line in lines[:-1]):
        form = len(parts) == 3 and parts[0] == "—" and re.fullmatch(r"[^\s+]+", parts[1])
        demand(form, "checkpoint: not a signature line")
        content = unbase64(parts[2])
        demand(len(content) > 4, "checkpoint: a signature line without a signature")
        signed.setdefault((parts[1], content[:4]), content[4:])
    return head + "\n", signed


def check_witnesses(files: dict[str, bytes]) -> Iterator[Line]:
    """The Ed25519 cosignatures of the witnesses that policy.txt names."""
    head, signed = split_note(text_of(files, "checkpoint"))
    policy = text_of(files, "policy.txt") if "policy.txt" in files else ""
    lines = policy.split("\n")
    demand(len(lines) <= 1001, "policy.txt: longer than any policy")
    for words in (re.split("[ \t]+", line.strip(" \t")) for line in lines):
        key = read_key(words[2]) if words[0] == "witness" and len(words) > 2 else None
        content = signed.get((key.name, key.id)) if key and key.kind == WITNESS_KEY else None
        if key and content is not None:
            at = int.from_bytes(content[:8], "big")
            message = f"cosignature/v1\ntime {at}\n{head}".encode()
            holds = at < 1 << 36 and is_signed(key.public, message, content[8:])
            demand(holds, f"checkpoint: the cosignature of {key.name} does not fit")
            when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
            yield ok(
                f"checkpoint：见证方 {key.name} 于 {when} 联署（其公钥以 policy.txt 所载为准）",
                f"witness {key.name} cosigned it at {when} (its key as in policy.txt)",
            )


# ---- entries and their places in the tree (RFC 6962) -----------------------------------------


@dataclass(frozen=True)
class Entry:
    index: int
    stream: str
    seq: int
    prev: str  # base64 of the leaf hash of the entry before; "-" for the first
    command: str
    part: tuple[int, int]
    kid: str  # the key that seals the payload; "-" for a plain one
    payload: bytes
    leaf: bytes


def read_entry(files: dict[str, bytes], name: str) -> Entry:
    raw = files[name]
    found = ENTRY.match(raw)
    demand(found and len(raw) <= 65535, f"{name}: not an entry of a ledger")
    assert found
    stream, seq, prev, command, k, n, kid = (each.decode() for each in found.groups())
    index, part, payload = number(name.split("/")[1]), (int(k), int(n)), raw[found.end() :]
    demand((seq == "0") == (prev == "-") and part[0] <= part[1] <= 65536, f"{name}: not a place")
    return Entry(index, stream, int(seq), prev, command, part, kid, payload, leaf_hash(raw))


def check_inclusion(proof: str, entries: list[Entry], size: int, root: bytes) -> None:
    """Go up from the entries, height by height; what they do not give, the proof must list."""
    title, shown, *lines = [*proof.split("\n"), ""][:-1]
    demand(title == "mingan/inclusion/v1" and proof.endswith("\n"), "proof: not an inclusion proof")
    demand(shown == str(size), "proof: for another size than that of the checkpoint")
    nodes: dict[tuple[int, int], bytes] = {}
    for line in lines[:-1]:
        words = line.split(" ")
        demand(len(words) == 3, "proof: not a node")
        nodes[number(words[0]), number(words[1])] = unhash(words[2])
    demand(list(nodes) == sorted(nodes) and len(nodes) == len(lines) - 1, "proof: not in order")
    demand(climb({entry.index: entry.leaf for entry in entries}, nodes, size) == root and not nodes,
           "proof: does not lead to the root of the checkpoint")  # fmt: skip


def climb(row: dict[int, bytes], nodes: dict[tuple[int, int], bytes], size: int) -> bytes:
    """The root above these leaves, from left to right the peaks of a tree; uses up `nodes`."""
    demand(all(place < size for place in row), "entries/: an entry beyond the checkpoint")
    peaks = []
    for height in range(size.bit_length()):
        count = size >> height
        for beside in [place ^ 1 for place in row]:
            if beside < count and beside not in row:
                row[beside] = take(nodes, height, beside)
        if count & 1:  # the last one has no neighbour
            held = count - 1 in row
            peaks.append(row.pop(count - 1) if held else take(nodes, height, count - 1))
        lefts = [place for place in row if not place & 1]
        row = {place >> 1: node_hash(row[place], row[place + 1]) for place in lefts}
    root = peaks[0]
    for peak in peaks[1:]:
        root = node_hash(peak, root)
    return root


def take(nodes: dict[tuple[int, int], bytes], height: int, place: int) -> bytes:
    demand((height, place) in nodes, f"proof: node {height} {place} is missing")
    return nodes.pop((height, place))


def check_stream(files: dict[str, bytes], entries: list[Entry]) -> str:
    """One stream, numbered from 0, each entry naming the one before, every command whole."""
    stream, prev = text_of(files, "stream")[:-1], "-"
    form = re.fullmatch("[!-~]{1,200}", stream) and files["stream"].endswith(b"\n")
    demand(form, "stream: not one line with the name of a stream")
    begun: Entry | None = None  # the entry before, while its command lacks parts
    commands = set()
    for seq, entry in enumerate(entries):
        where, (part, parts) = f"entries/{entry.index}", entry.part
        demand(entry.stream == stream, f"{where}: of another stream")
        demand((entry.seq, entry.prev) == (seq, prev), f"{where}: does not continue the stream")
        if begun:
            after = (begun.index + 1, begun.command, (begun.part[0] + 1, begun.part[1]))
            demand((entry.index, entry.command, entry.part) == after, f"{where}: breaks a command")
        else:
            demand(part == 1 and entry.command not in commands, f"{where}: repeats a command")
        commands.add(entry.command)
        prev = base64.b64encode(entry.leaf).decode()
        begun = entry if part < parts else None
    demand(begun is None, "entries/: the last command lacks parts")
    return stream


# ---- the map: which streams there are, and where each ends -----------------------------------


def read_map_entry(files: dict[str, bytes]) -> Entry:
    """The entry of stream ledger/map that holds the root of the map."""
    names = [name for name in files if name.startswith("map/") and name != "map/proof"]
    demand(len(names) == 1, "map/: not exactly one entry of the map")
    entry = read_entry(files, names[0])
    demand((entry.stream, entry.kid) == ("ledger/map", "-"), f"{names[0]}: not a map's entry")
    return entry


def check_complete(
    files: dict[str, bytes], stream: str, entries: list[Entry], map_entry: Entry
) -> Line:
    """The map must say of the stream what lies here: so many entries, ending in this one."""
    size, found = map_entry.index, re.fullmatch(
        f"mingan/map/v1\n({HASH})\n".encode(), map_entry.payload
    )  # fmt: skip
    demand(found, f"map/{size}: not the root of a map")
    assert found
    ends = walk_map(text_of(files, "map/proof"), stream, unhash(found[1].decode()))
    demand(all(entry.index < size for entry in entries), "entries/: an entry after the map")
    here = (len(entries), entries[-1].leaf) if entries else None
    demand(ends == here, "map/proof: the stream has other entries than those here")
    if not entries:
        return ok(
            f"stream {stream}：账本前 {size} 条记录中没有这一事项",
            f"there is no such stream among the first {size} entries of the log",
        )
    return ok(
        f"stream {stream}：编号连续，前 {size} 条记录中属于它的共 {len(entries)} 条，全部在此",
        f"no gap, and these are all {len(entries)} entries of it among the first {size}",
    )


def walk_map(text: str, stream: str, root: bytes) -> tuple[int, bytes] | None:
    """Length and last leaf hash of the stream under this root; None if it is not there."""
    title, name, end, *hashes = [*text.split("\n"), "", ""][:-2]
    form = title == "mingan/map-proof/v1" and name == f"stream {stream}" and not hashes[-1]
    demand(form and len(hashes) <= 257, "map/proof: not a map proof of this stream")
    own, siblings = sha256(stream.encode()), [unhash(line) for line in hashes[:-1]]
    # Beside an empty neighbour one stream needs no node of its own.
    demand(not siblings or any(siblings[0]), "map/proof: goes deeper than the map")
    kind, *words = end.split(" ")
    form = (kind, len(words)) in (("found", 2), ("other", 3), ("none", 0))
    demand(form, "map/proof: ends in nothing known")
    key, length, head, node = own, 0, b"", bytes(32)
    if words:
        key = own if kind == "found" else unhash(words[0])
        length, head = number(words[-2]), unhash(words[-1])
        demand(length and (kind == "found") == (key == own), "map/proof: not the end of a path")
        node = sha256(b"\x00" + key + struct.pack(">Q", length) + head)
    path = int.from_bytes(own, "big") >> (256 - len(siblings))
    same = int.from_bytes(key, "big") >> (256 - len(siblings)) == path
    demand(same, "map/proof: the other stream lies on another path")
    for turn, sibling in enumerate(siblings):
        node = node_hash(sibling, node) if path >> turn & 1 else node_hash(node, sibling)
    demand(node == root, "map/proof: leads to another root")
    return (length, head) if kind == "found" else None


# ---- contents: shown, erased, attached --------------------------------------------------------


def check_fields(files: dict[str, bytes], entries: dict[int, Entry]) -> Line:
    """The digest of each shown field must stand in its entry (RFC 9901 section 4.2.3)."""
    count = 0
    for index in numbers(files, "disclosures/"):
        name = f"disclosures/{index}.jsonl"
        demand(index in entries, f"{name}: there is no such entry")
        text = text_of(files, name)
        demand(not text or text.endswith("\n"), f"{name}: the last line is cut off")
        lines = text.split("\n")[:-1]
        promised = read_promises(entries[index]) if lines else []
        digests = [unpadded(sha256(unpadded(line.encode()).encode())) for line in lines]
        demand(all(each in promised for each in digests), f"{name}: a field not in the entry")
        fields = {json.loads(line)[1] for line in lines}
        demand(len(fields) == len(lines), f"{name}: one field is shown twice")
        count += len(lines)
    return ok(
        f"disclosures/：出示的 {count} 个字段都属于各自的记录；未出示的保持密封",
        f"{count} shown fields belong to their entries; all others stay sealed",
    )


def read_promises(entry: Entry) -> list[str]:
    """The digests of the fields that an entry seals."""
    demand(entry.kid != "-", f"entries/{entry.index}: a plain entry has no fields to show")
    content = json.loads(entry.payload.decode())
    demand(content["_sd_alg"] == "sha-256", f"entries/{entry.index}: fields of another digest")
    return list(content["_sd"])


def find_erased(entries: list[Entry]) -> Iterator[Line]:
    """Contents that nobody can read any more, because their key was destroyed."""
    for entry in entries:
        title, *kids = entry.payload.decode("ascii", "replace").split() or [""]
        for kid in kids if (title, entry.kid) == ("mingan/erased/v1", "-") else ():
            count = sum(each.kid == kid for each in entries)
            where = f"entries/{entry.index}"
            yield note(
                f"{where}：密钥 {kid} 已销毁，{count} 条记录的内容已删除，位置和链条完好",
                f"records that key {kid} was destroyed: the content of {count} entries is erased, "
                "their place and the chain are intact",
            )


def check_extras(files: dict[str, bytes]) -> Iterator[Line]:
    """An attachment is proven only where a shown field states its SHA-256."""
    shown = b"".join(files[name] for name in files if name.startswith("disclosures/"))
    for name in sorted(name for name in files if name.startswith("extras/")):
        if hashlib.sha256(files[name]).hexdigest().encode() in shown:
            yield ok(f"{name}：摘要写在已出示的字段中", "a shown field states its digest")
        else:
            yield note(f"{name}：没有已出示的字段写明其摘要", "no shown field vouches for it")


def name_unchecked(files: dict[str, bytes]) -> Iterator[Line]:
    yield note(
        "checkpoint：抗量子签名（ML-DSA-44）不在此核对，请用 python -m ledger verify",
        "ML-DSA-44 signatures are not checked here; python -m ledger verify does",
    )
    if "checkpoint.tsr" in files:
        yield note(
            "checkpoint.tsr：可信时间戳不在此核对，请运行下列命令",
            "the time stamp is not checked here; run: openssl ts -verify "
            "-data checkpoint -in checkpoint.tsr -CAfile TSA.pem",
        )


# ---- bytes and texts, each with one spelling --------------------------------------------------


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def text_of(files: dict[str, bytes], name: str) -> str:
    demand(name in files, f"{name}: missing")
    return files[name].decode("utf-8")


def numbers(files: dict[str, bytes], folder: str) -> list[int]:
    names = (name[len(folder) :] for name in files if name.startswith(folder))
    return sorted(number(name.partition(".")[0]) for name in names)


def number(text: str) -> int:
    demand(re.fullmatch(NUMBER, text) and int(text) < 1 << 63, f"not a number: {text[:40]}")
    return int(text)


def unbase64(text: str) -> bytes:
    content = base64.b64decode(text.encode("ascii"), validate=True)
    demand(base64.b64encode(content).decode() == text, f"not base64: {text[:60]}")
    return content


def unhash(text: str) -> bytes:
    demand(re.fullmatch(HASH, text), f"not a hash in base64: {text[:60]}")
    return unbase64(text)


def unpadded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


# ---- the zip file, and the command ------------------------------------------------------------


def unzip(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [each for each in archive.infolist() if each.file_size or not each.is_dir()]
        total = sum(each.file_size for each in members)
        demand(total <= min(MAX_BYTES, MAX_SHRUNK * len(content)), "zip: larger than any bundle")
        names = {each.filename for each in members}
        demand(len(names) == len(members), "zip: two files have one name")
        return {each.filename: archive.read(each) for each in members}


def check_container(content: bytes, files: dict[str, bytes]) -> Line:
    """No checksum covers dates and attributes: pack the files again and compare every byte."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, held in files.items():
            member = zipfile.ZipInfo(name)  # dated 1980-01-01, not compressed
            member.create_system, member.external_attr = 3, 0o644 << 16
            archive.writestr(member, held)
    if target.getvalue() == content:
        return ok(
            "压缩包正是这些文件应有的唯一形式，逐字节相同",
            "the zip file has the one form, to the byte, that these files give",
        )
    # Who packs again changes every header; a damaged or forged byte leaves the others.
    ours, given = headers(target.getvalue()), headers(content)
    foreign = all(given[name] != header for name, header in ours.items())
    demand(foreign, "zip: a byte outside the contents was changed")
    return note(
        "压缩包经其他程序重新打包；其中每个文件的内容核对无误",
        "another program packed the zip file again; the contents of all its files hold",
    )


def headers(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        starts = {each.filename: each.header_offset for each in archive.infolist()}
    return {name: content[start : start + 30] for name, start in starts.items()}


def read_folder(folder: Path) -> dict[str, bytes]:
    """What belongs to a bundle; systems add files of their own to folders."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    known = {name: path for name, path in paths.items() if KNOWN.fullmatch(name)}
    return {name: path.read_bytes() for name, path in known.items() if path.is_file()}


def verify(source: Path, vkey: str | None) -> Iterator[Line]:
    """Every finding; what follows a broken step is not looked at, it would prove nothing."""
    try:
        if source.is_dir():
            yield from check(read_folder(source), vkey)
            yield note("核对的是解压后的文件夹", "an unpacked folder was checked, no zip file")
        else:
            content = source.read_bytes()
            files = unzip(content)
            yield from check(files, vkey)
            yield check_container(content, files)
    except Refused as refused:
        yield Line("不符 BROKEN", "此处不符，其后不再核对", str(refused))
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError,
            LookupError, TypeError, RuntimeError) as error:  # fmt: skip
        yield Line("不符 BROKEN", "文件已损坏或无法读取", f"damaged or unreadable: {error}")


def main(arguments: list[str]) -> int:
    """Check, print each finding; the answer is the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--vkey", help="the log's public key, from a source you trust")
    options = parser.parse_args(arguments)
    sound = True
    for line in verify(options.bundle, options.vkey):
        print(f"[{line.level}] {line.chinese}\n    {line.english}")
        sound = sound and "BROKEN" not in line.level
    print("结论：完好 sound" if sound else "结论：不符 NOT sound")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
