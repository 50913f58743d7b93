"""The buyer's side: a claim in three steps, the list of own cases, the offer, the parcel back."""
