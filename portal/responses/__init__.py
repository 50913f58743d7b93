"""The merchant's side: the queue by time left, the answer, the offer, the parcel received."""
