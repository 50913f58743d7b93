"""Who judges a dispute, and what the votes add up to: rules that anybody can repeat.

Everything in this folder is a function from values to values. No clock, no random source, no
network, no file: the pool, the seed, the ballots and the claim are arguments, so that the record
of a case is enough to come to the same panel and the same result. (Only `python -m reviewers`
reads a file, the case bundle it rechecks; and trustee/ is a program, a room of its own.) All
numbers are integers. This page is the specification; a program in another language needs nothing
else.

Pool (pool.py)
    One stream of entries under pseudonyms. The pool at any moment is what its first n entries
    make; PANEL_CALLED names n.

Screen (eligibility.py)
    Active reviewers minus those with a conflict. Each exclusion is named with one code: the
    first in the order of `Conflict` that applies. Who is left forms the candidates: per
    stratum, pairs (id, weight) sorted by the bytes of the id. Experts who know the field of the
    case form a stratum EXPERT/<FIELD> of their own if they outnumber its seats. Weights follow
    weights.py.

Candidate file (candidates.py)
    Canonical JSON (RFC 8785), every id and code ASCII, every id once:

        {"excluded":{"r_d":"PRIOR_BUYER"},
         "strata":{"BUYER_SIDE":[["r_a",1],["r_b",2],["r_c",3]]}}        (without line breaks)

    PANEL_CALLED holds its SHA-256, how many candidates each stratum has and how many were
    left out by each code.

Draw (draw.py, checkpoints.py)
    The candidates and seats are fixed in the log before the seed exists. Then

        part(x) = length of x as 4 bytes, big-endian || x
        seed    = SHA-256("mingan/draw/v2" || part(case number in UTF-8)
                          || part(round of the panel, decimal) || part(root hash of the checkpoint)
                          || part(extra 1) || part(extra 2) || ...)

    where the checkpoint is the first published one that covers the entry that fixed the
    candidates. The extras are what its signature lines hold after the key id of 4 bytes, of
    every signer but the log itself (whose name is the note's first line), sorted by key id,
    then by bytes; and last the bytes of a beacon round, if PANEL_CALLED named one. Strata are
    drawn in the order BUYER_SIDE, MERCHANT_SIDE, EXPERT, SENIOR_USER, ASSOCIATION, a part such
    as EXPERT/<FIELD> in the place of its whole; seats are numbered from 1 through all of them.
    Within a stratum

        number(k) = SHA-256(seed || name of the stratum in UTF-8 || k as 8 bytes, big-endian)

    read as a big-endian integer, k = 0, 1, 2, ... For each seat let T be the sum of the
    weights still in the urn. A number is passed over while it is at least 2**256 - 2**256 mod T
    (the largest multiple of T), which keeps the draw exact; otherwise p = number mod T falls
    into the interval of one candidate, intervals laid end to end in sorted order. That
    candidate takes the seat and leaves the urn. Reserves are drawn on from the same urn with
    the same numbers. Whoever leaves a seat is followed by the next reserve of its stratum, in
    that order, each at most once.

    Vector: case number "MA-2026-000001", round 1, root 32 zero bytes, no extras, the candidate
    file above, two seats, one reserve (tests/vectors/draw/by-hand.json; others beside it).

        seed       bcfdfe5a5ca87fb3a3c138e7685d3fc2d9cf029e5c968c9228039d425dbc15bf
        number(0)  30597ef5ac4e791413d672887226479f5db536f6d43e374ae96375af16ce6ddb
                   mod 6 = 3   [0,1) r_a   [1,3) r_b   [3,6) r_c   seat 1: r_c
        number(1)  7cba7d604f52ffa0615e0e549335e8192f93053ea41fcde9aca17978f7cc20c5
                   mod 3 = 2   [0,1) r_a   [1,3) r_b               seat 2: r_b
        number(2)  443a69fe896111d8294c03b3f6337d672b69c658a26617b9be0e11693fb971ff
                   mod 1 = 0   [0,1) r_a                           reserve: r_a

    It promises that nobody can foresee the panel when the pool is fixed, and that anybody can
    repeat it. Without a witness the operator alone makes the checkpoint, and could try several
    before it publishes one. It cannot stop an operator from voiding a panel he dislikes; hence
    voids are reasoned, recorded and counted in public.

Ballot (ballot.py)
    A choice, amounts in fen, at least one reason code, a text, and at least one citation: an
    exhibit or a second of the replay; if it says who is liable, shares in basis points that sum
    to 10,000. It is sealed as canonical JSON (RFC 8785) followed by spaces up to a multiple of
    8192 bytes (envelope.py: under a key that two of three trustees open).

Count (tally.py)
    B is the number of valid ballots, n the number of seats. In this order:

        B < ceil(2n/3)                                   -> NO_QUORUM
        3 * CANNOT_DETERMINE > B                         -> TOO_MANY_CANNOT_DETERMINE
        SUPPORT_CLAIMANT + PARTIAL = SUPPORT_RESPONDENT  -> TIE
        otherwise the larger side decides                -> MAJORITY

    The first three decide nothing: REFUSED_TO_RULE. If support decides:

        refund        lower median over the ballots of both sides. SUPPORT_CLAIMANT stands for
                      the claimed amount, SUPPORT_RESPONDENT for 0, PARTIAL for its own amount,
                      at most the claimed one. Lower median: element (m - 1) div 2 of the m
                      sorted amounts, counted from 0.
        compensation  the same. Claimed on a statutory basis (remedies.STATUTORY) it is 0
                      unless ceil(2n/3) of all seats grant more than 0, and waits for an
                      officer's confirmation.
        remedy        the one with most ballots among supporters. SUPPORT_CLAIMANT stands for
                      the claimed remedy; PARTIAL for its own or, if it names none, for the
                      claimed one when it grants the whole refund, else PARTIAL_REFUND. Ties
                      go to the remedy that stands earlier in remedies.REMEDIES.
        outcome       UPHELD if remedy, refund and compensation are all as claimed, else
                      PARTLY_UPHELD.

    If either side decides:

        liability     per party the lower median of its shares in the ballots of both sides that
                      state any (0 where one names others only), scaled to 10,000 by largest
                      remainder, ties in the order of parties.PARTIES; nothing when no ballot
                      states shares or all medians are 0.

    Vector: claimed REFUND_RETURN 32900 and CONTRACT_PENALTY 98700; seven seats; five
    SUPPORT_CLAIMANT, one PARTIAL 32900 + 32900, one SUPPORT_RESPONDENT.

        refunds        0 32900 32900 [32900] 32900 32900 32900
        compensations  0 32900 98700 [98700] 98700 98700 98700
        result         UPHELD, REFUND_RETURN, 32900 + 98700, dissent: the rejecting seat

    Adding a vote for a side never turns a decision away from it, and no ballot can pull the
    median towards itself by naming another amount than the one it stands for.

Recheck
    python -m reviewers recompute BUNDLE.zip    repeats the draw and follows who stepped in
        --pool POOL.zip                         and shows that nobody of the pool was left out
    python -m reviewers recount BUNDLE.zip      opens the ballots again and repeats the count
"""
