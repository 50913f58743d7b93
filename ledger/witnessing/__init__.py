"""Those who cosign: the witness that an association runs, and how the log asks it."""
