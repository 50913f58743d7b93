r"""An append-only ledger on an object store: who said what, in which order, provably.

Entries belong to streams (one dispute, one panel, one refund), are sealed so that only the
holder of a data key can read them, and are leaves of one Merkle tree whose root the log
signs. Whoever has an entry's bytes, a receipt and the log's public key can check, offline,
that the log has committed to it; nobody, the operator included, can change or drop an entry
afterwards without contradicting a signature that is out in the world. This text is the
specification; the files it names hold one part each.


1. Objects (store.py, folder.py, s3.py)

    commit/<20 digits>          the truth: entries, in order; created once, never replaced
    log.vkey                    the public key of the log, one line; created once
    tile/...                    derived from commits: C2SP tlog-tiles and entry bundles
    checkpoints/<20 digits>     the signed root of each published size; created once
    checkpoint                  a copy of the newest of them; the only object ever replaced
    blob/<64 hex digits>        an encrypted file, named by the SHA-256 of its ciphertext
    keys/<kid>                  a wrapped data key, written by whoever uses the ledger;
                                deleting it erases what it sealed
    probe/<32 hex digits>       for a moment, while a writer tests the store

A store must be able to create a key exclusively and durably. Nothing else coordinates
writers: no lock, no leader, no database.


2. Entries (entry.py, seal.py)

An entry is a JSON object in UTF-8, canonical (RFC 8785) when it is written, at most 65,535
bytes. Its bytes are hashed as they are stored and never canonicalised again. Its keys:

    v         1
    stream    1 to 200 printable ASCII characters without space
    seq       number of the entry in its stream, from 0
    prev      leaf hash of the entry before in the stream, base64url; "" if seq is 0
    type      what happened, 1 to 100 printable ASCII characters; public
    at        when, as its writer claims: 2026-01-31T08:00:00.000Z
    cmd       SHA-256 of the idempotency key, base64url
    part      [k, n]: this is number k of the n consecutive entries of one command
    kid       which data key seals it
    _sd_alg   "sha-256"
    _sd       digests of the fields, sorted (RFC 9901)
    sealed    base64url of nonce (12) || AES-256-GCM ciphertext || tag (16)
    blobs     names of the encrypted files it speaks of

Each field is a disclosure: the JSON text ["<salt>","<name>",<value>] on one line, its salt
128 random bits in base64url. Its digest is base64url(SHA-256(base64url(text))). What is
sealed are the disclosures joined by newlines; the associated data is

    mingan/entry/v1\n<stream>\n<seq>

so that a sealed text opens only at its place. There are no floating-point numbers anywhere.
All base64url is unpadded (RFC 4648 section 5).

A field is shown by showing its disclosure, and hidden by not showing it. Destroying the data
key hides all fields for ever and changes no digest.


3. Tree (merkle.py, tree.py)

As in RFC 6962: leaf hash SHA-256(0x00 || entry), node hash SHA-256(0x01 || left || right).


4. Commits (commit.py, sequencer.py)

    mingan/commit/v1
    <n>
    <base64 of the SHA-256 of the whole object commit/<n-1>; 32 zero bytes for n = 0>
    <index of the first entry> <size of the tree after the last>
    <base64 of the root at that size>
    <base64 of each peak of the compact range at that size, left to right, by commas>
    <32 hex digits, the writer's nonce>
    <empty line>
    <each entry: its length in two bytes, big-endian, and its bytes>

A writer applies all commits it can find, then creates the next number. If it is there
already, somebody else was first: apply it, look again, try the number after. An entry says
nothing about its index, so it need not be sealed anew. A command is recorded when a commit
holds its entries, and at most once, because every later writer has seen that commit.

A commit is valid if it continues the one before (number, digest, size, root) and if each
entry continues its stream and no command occurs twice or in part.


5. Publication (publisher.py, tiles.py, checkpoint.py, note.py, keys.py)

Tiles and entry bundles lie and look as C2SP tlog-tiles says. A checkpoint is a C2SP signed
note: origin, size, root, and an Ed25519 signature by a key that is named like the origin.
It is signed only for a size at which a stored commit ends, after the tiles of that size are
stored, and copied to `checkpoint` only if that held a smaller size.


6. Proofs (receipt.py, bundle.py, verify.py, fsck.py)

A receipt is a C2SP tlog-proof. A bundle is a zip file with a whole stream. `python -m ledger
verify` checks a bundle or a store.


7. Files (blob.py)

Encrypted in segments of 64 KiB, each authenticated, so that any part can be read alone.


8. Example

A log in a folder, with fixed keys so that the digests can be shown:

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from ledger import *
    >>> folder = TemporaryDirectory()
    >>> store = open_store(f"folder:{folder.name}/store")
    >>> log = Log.open(store, Signer("ledger.example/mingan", bytes(range(32))))
    >>> log.verifier.vkey
    'ledger.example/mingan+50c46803+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4'

One command records two events; repeating it records nothing more:

    >>> key = DataKey("case-1", bytes(32))
    >>> at = "2026-01-31T08:00:00.000Z"
    >>> filed = Draft("claim.filed", at, {"amount_fen": 12900, "reason": "color"})
    >>> opened = Draft("response.opened", at, {"days": 3})
    >>> wish = dict(stream="case/1", expected=EMPTY, drafts=[filed, opened], key="button 1")
    >>> first, second = log.append(**wish, data_key=key)
    >>> log.append(**wish, data_key=key) == (first, second)
    True
    >>> first.index, first.seq, first.part, second.prev == first.leaf_hash
    (0, 0, (1, 2), True)
    >>> store.get("commit/00000000000000000000")[:22]
    b'mingan/commit/v1\n0\nAAA'

Who has the key reads the fields; a single one can be shown and compared:

    >>> [(field.name, field.value) for field in open_entry(first, key)]
    [('amount_fen', 12900), ('reason', 'color')]
    >>> shown = open_entry(first, key)[0].text
    >>> disclosures_match(first.raw, [shown]), disclosures_match(second.raw, [shown])
    (True, False)

The log signs, and gives a receipt that anybody can check:

    >>> print(log.publish().text)
    ledger.example/mingan
    2
    ...
    <BLANKLINE>
    — ledger.example/mingan UMRoA...
    <BLANKLINE>
    >>> from ledger.receipt import parse_receipt
    >>> parse_receipt(log.receipt(0)).verify(first.raw, [log.verifier]).size
    2
    >>> parse_receipt(log.receipt(0)).verify(second.raw, [log.verifier])
    Traceback (most recent call last):
    ledger.errors.VerificationError: the inclusion proof of leaf 0 leads to another root

Digests by hand, from the bytes alone:

    >>> from hashlib import sha256
    >>> sha256(b"\x00" + first.raw).digest() == first.leaf_hash == log.head("case/1").digest
    False
    >>> second.head == log.head("case/1") == Head(2, sha256(b"\x00" + second.raw).digest())
    True
    >>> root = sha256(b"\x01" + first.leaf_hash + second.leaf_hash).digest()
    >>> root == log.latest().root
    True
    >>> folder.cleanup()
"""

from __future__ import annotations

from ledger.blob import BlobName, BlobReader, encrypt_file
from ledger.bundle import write_bundle
from ledger.canonical import Json
from ledger.checkpoint import Checkpoint
from ledger.entry import EMPTY, Draft, Entry, Head
from ledger.errors import (
    AppendError,
    EntryTooLarge,
    LedgerError,
    NotStored,
    StoreError,
    StoreLies,
    StoreUnavailable,
    StreamMoved,
    Unconfirmed,
    VerificationError,
)
from ledger.log import Log
from ledger.merkle import leaf_digest
from ledger.note import Signer, Verifier
from ledger.opening import open_store
from ledger.seal import DataKey, Disclosure, disclosures_match, open_entry
from ledger.store import Store

__all__ = [
    "EMPTY",
    "AppendError",
    "BlobName",
    "BlobReader",
    "Checkpoint",
    "DataKey",
    "Disclosure",
    "Draft",
    "Entry",
    "EntryTooLarge",
    "Head",
    "Json",
    "LedgerError",
    "Log",
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
    "write_bundle",
]
