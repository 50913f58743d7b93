"""Each day a provider's bill is held against the ledger and the journal, row by row.

    bill (streamed) --+
                      +--> spool (a temporary SQLite file, sorted there) --> differences
    ledger + journal -+

The provider's truth wins where we do not know, through the same reading as any of its answers;
money that no ruling asked for is found and named, and never booked.
"""
