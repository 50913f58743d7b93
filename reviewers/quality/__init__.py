"""How well a pool judges, without asking anybody to agree with the majority.

Pure functions over plain values, like the rest of reviewers/: no clock, no chance but a seed that
is handed in. What they say is a reason for people to look, never a reason to act by itself.

    dawid_skene   who is reliable when nobody knows the right answer (Dawid and Skene 1979)
    agreement     Krippendorff's alpha, nominal, with a bootstrap interval
    bias          whether buyers' and merchants' sides support claims at different rates
    speed         ballots cast faster than the file could be read
    collusion     pairs that agree far beyond what their own habits explain
    intervals     Wilson's and Newcombe's intervals, Holm's correction, exact binomial tails
"""
