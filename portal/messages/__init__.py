"""Messages to people: an outbox that each of them reads in the portal."""
