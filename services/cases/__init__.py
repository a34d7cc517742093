"""Cases: the system of record of what citizens asked and what became of it."""
