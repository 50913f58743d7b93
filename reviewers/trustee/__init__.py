"""One of three who hold the keys of sealed ballots: a small program on a machine of its own.

A ballot is sealed so that any two of a panel's three trustees open it and no one alone
(reviewers/envelope.py). A trustee takes its layer off only when it has seen for itself that the
log says voting is closed, and for exactly these ballots:

    the checkpoint is signed by the log it was told of, and cosigned as its own policy asks
    the record is in the log under that checkpoint, of type VOTING_CLOSED, in a case's stream
    seats and slips are disclosures of that very record
    the envelopes are those of the slips, all of them, in their order, and nothing else
    each envelope was sealed for this case, this round, its seat and these two trustees
    no other closing of this case and round was ever shown to it

It opens all of them or none. Whoever asks needs the proof and a token, and gets no plaintext: the
first trustee's answer still carries the second's layer, and the second gives the ballots' keys,
which the record publishes. The journal of what was opened is on disk before an answer leaves.

What it cannot see: whether the operator closed the voting too early. It makes that public
instead, because the closing it asks for stands in the log for everybody, for ever.

    python -m reviewers.trustee init FOLDER --name NAME --log VKEY ...    makes a key
    python -m reviewers.trustee run FOLDER/trustee.toml                   serves

    GET  /       {"name", "key", "witnessed", "opened"}     anybody may ask how it is
    POST /peel   Authorization: Bearer TOKEN
                 {"proof": {"receipt", "raw", "disclosures"}, "step": "FIRST" or "SECOND",
                  "partner", "envelopes": [base64], "inner": [base64 or null]}
                 {"name", "step", "partner", "opened": [base64 or null]}

`receipt` is a C2SP tlog-proof, `raw` the record's exact text. `inner` goes with SECOND: what the
partner answered to FIRST. A null is a ballot that does not open. A refusal is {"refused": code}
with status 400 (not a request), 401 (no token) or 403 (errors.py says which).
"""
