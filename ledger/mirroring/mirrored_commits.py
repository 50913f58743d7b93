"""The commits of a mirrored log, so that a copy can be read and checked like the log itself.

A commit holds the same entries as the bundles, and is kept only if the tree after it is the one
under the root that the log signed. Only the nonce of the very last one is vouched for by
nothing until the next names its digest. A source that does not show commits (tiles are all that
C2SP asks for) is mirrored without them.
"""

from __future__ import annotations

from ledger.commit import Tip, commit_key, follow, parse_commit
from ledger.errors import NotStored, VerificationError
from ledger.merkle import leaf_digest
from ledger.mirroring.http_get import Website
from ledger.mirroring.tilereader import TileReader
from ledger.stores.store import Store

_COMMITS = "commit/"
# A command of 65,536 entries, which is never split, and those that share its commit.
_LONGEST = 1 << 30


def copy_commits(store: Store, tree: TileReader, tip: Tip, site: Website) -> Tip:
    """Fetch the commits from a tip up to the size of a verified tree; where the copy ends then."""
    while tip.range.size < tree.size:
        try:
            content = site.get(commit_key(tip.number), _LONGEST)
        except NotStored:
            break
        tip = _keep(store, tree, tip, content)
    return tip


def last_tip(store: Store) -> Tip:
    """Where the commits in a copy end."""
    last = max(store.keys(_COMMITS), default=None)
    return parse_commit(store.get(last)).tip if last else Tip()


def _keep(store: Store, tree: TileReader, tip: Tip, content: bytes) -> Tip:
    commit = parse_commit(content)
    follow(tip, commit, map(leaf_digest, commit.entries))
    size = commit.header.range.size
    if size > tree.size or commit.header.root != tree.root(size):
        raise VerificationError(f"{commit.key}: is not of the tree that the log signed")
    if not store.create(commit.key, content):
        raise VerificationError(f"{commit.key}: the copy was changed: remove it")
    return commit.tip
