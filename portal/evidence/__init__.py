"""Files that the parties hand in: what they really are, what they are called, their digest.

hashing.py       SHA-256 of an upload while its bytes arrive, before anybody looks inside
prove.py         the type from the bytes, proven by decoding; a harmless picture to show
prove_worker.py  the only code that opens a foreign file: a process of its own, with limits
names.py         a name that may be shown and saved
intake.py        from a person's hand to a row: digest, proof, encryption, then the row
desk.py          one more exhibit for a running case
"""
