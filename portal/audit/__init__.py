"""For those who check us: finding cases, reading their records, and proof of every one of them."""
