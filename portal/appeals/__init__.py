"""A ruling looked at again, once, by fresh seats, before any money moves; or accepted."""
