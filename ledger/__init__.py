r"""An append-only ledger on an object store: who said what, in which order, provably.

Entries belong to streams (one dispute, one panel, one refund) and are leaves of one Merkle
tree whose root the log signs and witnesses cosign. Whoever has an entry's bytes, a receipt
and the log's public key can check, offline, that the log has committed to it; nobody, the
operator included, can change or drop an entry afterwards without contradicting a signature
that is out in the world. The log also proves that a stream has these entries and no others,
and its content can be erased without breaking any proof. It needs nothing but a folder or a
bucket: no database, no lock server, no leader.

    log = Log.open(open_store("s3://bucket/log"), keys.load(path))
    (entry,) = log.append("case/1", EMPTY, [b"filed"], key="button 1")
    log.publish()
    log.receipt(entry.index)

This text is the specification of what is our own: entry, commit, stream, map. Everything
that others read as well has the form of C2SP (tlog-tiles, tlog-checkpoint, signed-note,
tlog-cosignature, tlog-proof, tlog-witness, tlog-policy), RFC 6962, 8785, 9901 and 3161; the
modules that are named hold one part each.


1. Objects (store.py, folder.py, s3.py)

    commit/<20 digits>          the truth: entries, in order; created once, never replaced
    log.vkey                    the log's public keys, one a line; created once
    tile/...                    derived from commits: C2SP tlog-tiles and entry bundles
    checkpoints/<20 digits>     the signed root of each published size; created once
    timestamps/<20 digits>      RFC 3161 response over that checkpoint's bytes; created once
    checkpoint                  a copy of the newest of them; the only object ever replaced
    checkpoint.moved/...        how the copy moves where a store cannot replace (steps.py)
    blob/<64 hex digits>        an encrypted file, named by the SHA-256 of its ciphertext
    keys/<kid>                  a wrapped data key, written by whoever uses the ledger;
                                deleting it erases what it sealed
    inbox/<32 hex digits>       for a moment, entries handed over by one writer to another
    probe/<32 hex digits>       for a moment, while a writer tests the store

A store must be able to create a key exclusively and durably. Nothing else coordinates
writers. Commits, full tiles and checkpoints may lie under a retention lock; `checkpoint`,
partial tiles and keys must not.


2. Entries (entry.py)

    mingan/entry/v2
    <stream> <number> <previous> <command> <part>/<parts> <key>
    <payload>

Two lines, each ended by one newline, then the payload: any bytes, to the end. At most 65,535
bytes in all. Single spaces; numbers decimal without leading zeros; hashes 32 bytes in padded
base64 (RFC 4648 section 4).

    stream      1 to 200 printable ASCII characters without space
    number      of the entry in its stream, from 0
    previous    leaf hash of the entry before in the stream; - if there is none
    command     SHA-256 of the idempotency key
    part/parts  this is one of so many consecutive entries of one command, at most 65,536
    key         name of the data key that seals the payload; - if it is plain

The bytes are hashed as they are stored and never canonicalised again. Streams that begin
with ledger/ are the ledger's own.


3. Sealed payloads (content.py, seal.py)

If a key is named, the payload is a JSON object, canonical (RFC 8785) when it is written:

    type      what happened, 1 to 100 printable ASCII characters; public
    at        when, as its writer claims: 2026-01-31T08:00:00.000Z
    blobs     names of the encrypted files it speaks of
    _sd       digests of the fields, sorted (RFC 9901); _sd_alg is "sha-256"
    sealed    base64url of nonce (12) || AES-256-GCM ciphertext || tag (16)

Each field is a disclosure: the JSON text ["<salt>","<name>",<value>] on one line, its salt
128 random bits in base64url. Its digest is base64url(SHA-256(base64url(text))). What is
sealed are the disclosures joined by newlines; the associated data is

    mingan/entry/v2\n<stream>\n<number>

so that a sealed text opens only at its place. There are no floating-point numbers anywhere.
All base64url is unpadded (RFC 4648 section 5).

A field is shown by showing its disclosure, and hidden by not showing it. Destroying the data
key hides all fields for ever and changes no digest. That this was done is an entry itself
(erasure.py): plain, last in its stream, "mingan/erased/v1" and then the key's name, a line
each.


4. Tree (merkle.py, tree.py)

As in RFC 6962: leaf hash SHA-256(0x00 || entry), node hash SHA-256(0x01 || left || right).


5. Commits (commit.py, sequencer.py)

    mingan/commit/v2
    <n>
    <base64 of the SHA-256 of the whole object commit/<n-1>; 32 zero bytes for n = 0>
    <index of the first entry> <size of the tree after the last>
    <base64 of the root at that size>
    <base64 of each peak of the compact range at that size, left to right, by commas>
    <32 hex digits, the nonce: 16 name the writer, 16 this attempt>
    <empty line>
    <each entry: its length in two bytes, big-endian, and its bytes>

A writer applies all commits it can find, then creates the next number. If it is there
already, somebody else was first: apply it, look again, try the number after. An entry says
nothing about its index, so it need not be made anew, and any writer may commit it: who keeps
losing leaves its entries in the inbox, framed as below (inbox.py). A command is recorded when
a commit holds its entries, and at most once, because every later writer has seen that commit.

A commit is valid if it continues the one before (number, digest, size, root), if each entry
continues its stream, if no command occurs twice or in part, and if a stated map is true.


6. Map (map.py, mapproof.py)

What the log knows of its streams, as a root: a sparse Merkle tree over every stream that has
an entry. Its key is SHA-256(name), read from the most significant bit.

    a stream            SHA-256(0x00 || key || number of entries, 8 bytes big-endian
                                     || leaf hash of the last)
    no stream below     32 zero bytes
    one stream below    that stream's digest, at whatever depth
    more                SHA-256(0x01 || left || right), 0 to the left, 1 to the right

Before each publication an entry of stream ledger/map states the root over all entries before
it, in a commit of its own:

    mingan/map/v1
    <base64 of the root>

With the path to a stream's digest, or to the place where it would be, and the inclusion of
that entry: these are all entries of the stream at that size, or there is no such stream.


7. Publication (publisher.py, tiles.py, checkpoint.py, note.py, witnesses.py, timestamp.py)

Tiles and entry bundles lie and look as C2SP tlog-tiles says. A checkpoint is a C2SP signed
note: origin, size, root, and signatures by two keys that are named like the origin, Ed25519
(type 01) and ML-DSA-44 (type 06), then the cosignatures of witnesses. It is signed only for a
size at which a stored commit ends, after the tiles of that size are stored, and copied to
`checkpoint` only if that held a smaller size. A partial tile goes when the full one is there.


8. Proofs (receipt.py, bundle.py, verify.py, fsck.py)

A receipt is a C2SP tlog-proof. A bundle is a zip file with a whole stream and a verifier.
`python -m ledger verify` checks a receipt, a bundle or a store.


9. Files (blob.py)

Encrypted in segments of 64 KiB, each authenticated, so that any part can be read alone.


10. Example

A log in a folder, with fixed keys so that the digests can be shown:

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from ledger import *
    >>> folder = TemporaryDirectory()
    >>> store = open_store(f"folder:{folder.name}/store")
    >>> signer = Signer("ledger.example/mingan", bytes(range(32)), bytes(range(32, 64)))
    >>> log = Log.open(store, signer)
    >>> log.verifier.vkey
    'ledger.example/mingan+50c46803+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4'

One command records two entries; repeating it records nothing more:

    >>> wish = dict(stream="case/1", expected=EMPTY, payloads=[b"filed", b"opened"])
    >>> first, second = log.append(**wish, key="button 1")
    >>> title, line, payload = second.raw.split(b"\n")
    >>> title, line.split()[:2], line.split()[4:], payload
    (b'mingan/entry/v2', [b'case/1', b'1'], [b'2/2', b'-'], b'opened')
    >>> log.append(**wish, key="button 1") == (first, second)
    True
    >>> store.get("commit/00000000000000000000")[:22]
    b'mingan/commit/v2\n0\nAAA'

Whoever has moved on meanwhile is told:

    >>> log.append(**wish, key="button 2")
    Traceback (most recent call last):
    ledger.errors.StreamMoved: stream case/1 has 2 entries, more or other than expected

Who has the key reads the fields of a sealed entry; a single one can be shown and compared:

    >>> key = DataKey("case-1", bytes(32))
    >>> fields = {"amount_fen": 12900, "reason": "color"}
    >>> draft = Draft("claim.answered", "2026-01-31T08:00:00.000Z", fields)
    >>> (third,) = log.append_sealed("case/1", second.head, [draft], key="3", data_key=key)
    >>> [(field.name, field.value) for field in open_entry(third, key)]
    [('amount_fen', 12900), ('reason', 'color')]
    >>> shown = open_entry(third, key)[0].text
    >>> disclosures_match(third.raw, [shown]), disclosures_match(second.raw, [shown])
    (True, False)

The log states the map, signs, and gives a receipt that anybody can check:

    >>> print(log.publish().text)
    ledger.example/mingan
    4
    ...
    <BLANKLINE>
    — ledger.example/mingan UMRoA...
    — ledger.example/mingan ...
    <BLANKLINE>
    >>> from ledger.receipt import parse_receipt
    >>> parse_receipt(log.receipt(0)).verify(first.raw, log.verifiers).size
    4
    >>> parse_receipt(log.receipt(0)).verify(second.raw, log.verifiers)
    Traceback (most recent call last):
    ledger.errors.VerificationError: the inclusion proof of leaf 0 leads to another root

These are all its entries, and there is no other case:

    >>> complete = log.prove_stream("case/1")
    >>> print(complete.map_entry.payload.decode().split("\n")[0])
    mingan/map/v1
    >>> from ledger.mapproof import parse_map_root
    >>> root = parse_map_root(complete.map_entry.payload)
    >>> complete.proof.verify(root) == Head(3, third.leaf_hash)
    True
    >>> log.prove_stream("case/2").proof.verify(root) == EMPTY
    True

Digests by hand, from the bytes alone:

    >>> from hashlib import sha256
    >>> head = sha256(b"\x00" + third.raw).digest()
    >>> log.head("case/1") == Head(3, head)
    True
    >>> place = sha256(b"case/1").digest()
    >>> root == sha256(b"\x00" + place + (3).to_bytes(8, "big") + head).digest()
    True
    >>> node = lambda left, right: sha256(b"\x01" + left + right).digest()
    >>> leaves = [sha256(b"\x00" + entry.raw).digest() for entry in log.entries(0, 4)]
    >>> node(node(*leaves[:2]), node(*leaves[2:])) == log.latest().root
    True
    >>> log.close(); folder.cleanup()
"""

from __future__ import annotations

from ledger.blob import BlobName, BlobReader, encrypt_file
from ledger.bundles.bundle import write_bundle
from ledger.canonical import Json
from ledger.checkpoint import Checkpoint
from ledger.content import Content, Draft, read_content
from ledger.entry import EMPTY, PLAIN, Entry, Head
from ledger.errors import (
    AppendError,
    Busy,
    EntryTooLarge,
    LedgerError,
    NoQuorum,
    NotStored,
    StoreError,
    StoreLies,
    StoreUnavailable,
    StreamMoved,
    Unconfirmed,
    VerificationError,
)
from ledger.futures import AsyncLog
from ledger.log import Append, Completeness, Log
from ledger.merkle import leaf_digest
from ledger.note import Signer, Verifier
from ledger.seal import DataKey, Disclosure, disclosures_match, open_entry
from ledger.stores.opening import open_store
from ledger.stores.store import Store

__all__ = [
    "EMPTY",
    "PLAIN",
    "Append",
    "AppendError",
    "AsyncLog",
    "BlobName",
    "BlobReader",
    "Busy",
    "Checkpoint",
    "Completeness",
    "Content",
    "DataKey",
    "Disclosure",
    "Draft",
    "Entry",
    "EntryTooLarge",
    "Head",
    "Json",
    "LedgerError",
    "Log",
    "NoQuorum",
    "NotStored",
    "Signer",
    "Store",
    "StoreError",
    "StoreLies",
    "StoreUnavailable",
    "StreamMoved",
    "Unconfirmed",
    "VerificationError",
    "Verifier",
    "disclosures_match",
    "encrypt_file",
    "leaf_digest",
    "open_entry",
    "open_store",
    "read_content",
    "write_bundle",
]
