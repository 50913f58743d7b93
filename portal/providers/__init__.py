"""Payment providers: what each wants to hear, and what its signed word is worth.

One module a provider, all behind `values.Provider`. Nothing here knows a case, the ledger or SQL:
an adapter turns a transfer into the bytes of one request, and an answer, notice or bill into facts
with the raw bytes they came from. No adapter repeats a request by itself; whether to ask again is
decided, and recorded, by portal/refunds.
"""
