"""Topics that keep what happened, and the ways to read them without losing anything."""
