"""Nothing sits in the dark: whatever goes wrong with money opens an item that somebody owns.

opened -> taken -> resolved, with a reason that goes into the ledger
   |  deadline passed: the buyer may be paid in advance (先行赔付)
   |  passed again: the association sees it too, which is recorded
   +-> cured: the condition is gone, by the word of the record itself
"""
