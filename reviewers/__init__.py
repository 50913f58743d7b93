"""Who judges a dispute, and what the votes add up to: rules that anybody can repeat.

Everything here is a function from values to values. No clock, no random source, no network,
no file: the pool, the seed, the ballots and the claim are arguments, so that the record of a
case is enough to come to the same panel and the same result. (Only `python -m reviewers`
reads a file: the case bundle it rechecks.) All numbers are integers. This page is the
specification; a program in another language needs nothing else.

Screen (eligibility.py)
    Active reviewers minus those with a conflict. Each exclusion is named with one code: the
    first in the order of `Conflict` that applies. Who is left forms the candidates: per
    stratum, pairs (id, weight) sorted by the bytes of the id.

Draw (draw.py)
    The candidates and seats are fixed in the log before the seed exists. Then

        part(x) = length of x as 4 bytes, big-endian || x
        seed    = SHA-256("mingan/draw/v1" || part(case number in UTF-8)
                          || part(root hash of the checkpoint) || part(extra 1) || ...)

    where the checkpoint covers the entry that fixed the candidates, and the extras, if any,
    are the witnesses' cosignatures on it sorted by key id, then a beacon round. Strata are
    drawn in the order BUYER_SIDE, MERCHANT_SIDE, EXPERT, SENIOR_USER, ASSOCIATION; seats are
    numbered from 1 through all of them. Within a stratum

        number(k) = SHA-256(seed || name of the stratum in ASCII || k as 8 bytes, big-endian)

    read as a big-endian integer, k = 0, 1, 2, ... For each seat let T be the sum of the
    weights still in the urn. A number is passed over while it is at least 2**256 - 2**256 mod T
    (the largest multiple of T), which keeps the draw exact; otherwise p = number mod T falls
    into the interval of one candidate, intervals laid end to end in sorted order. That
    candidate takes the seat and leaves the urn. Reserves are drawn on from the same urn with
    the same numbers, and step in in that order.

    Vector: case number "MA-2026-000001", root 32 zero bytes, no extras, BUYER_SIDE with
    r_a weight 1, r_b weight 2, r_c weight 3, two seats, one reserve.

        seed       6b5dac9cb8a666bdf9264c7c102092b8b6ac07eb7f791f5726a7441414319e5c
        number(0)  6f1c97814c8d82d3d35f88d478a8011c974f019d4499546845e3d9cb75eecffc
                   mod 6 = 0   [0,1) r_a   [1,3) r_b   [3,6) r_c   seat 1: r_a
        number(1)  6c6cf53865dfb262822b8a5e2306e9265dec36e45ab611e5edf7f37fc94a99bd
                   mod 5 = 4               [0,2) r_b   [2,5) r_c   seat 2: r_c
        number(2)  e1719a75f800cd9705c5ad79e67a33612ba311173821e392d138d4076df06152
                   mod 2 = 0               [0,2) r_b               reserve: r_b

    It promises that nobody can foresee the panel when the pool is fixed, and that anybody can
    repeat it. It cannot stop an operator from voiding a panel he dislikes; hence voids are
    reasoned, recorded and counted in public.

Ballot (ballot.py)
    A choice, amounts in fen, at least one reason code, a text, and at least one citation: an
    exhibit or a second of the replay. It is sealed as canonical JSON (RFC 8785) followed by
    spaces up to a multiple of 8192 bytes.

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

    Vector: claimed REFUND_RETURN 32900 and CONTRACT_PENALTY 98700; seven seats; five
    SUPPORT_CLAIMANT, one PARTIAL 32900 + 32900, one SUPPORT_RESPONDENT.

        refunds        0 32900 32900 [32900] 32900 32900 32900
        compensations  0 32900 98700 [98700] 98700 98700 98700
        result         UPHELD, REFUND_RETURN, 32900 + 98700, dissent: the rejecting seat

    Adding a vote for a side never turns a decision away from it, and no ballot can pull the
    median towards itself by naming another amount than the one it stands for.

Recheck
    python -m reviewers recompute BUNDLE.zip    repeats the draw
    python -m reviewers recount BUNDLE.zip      repeats the count
"""
