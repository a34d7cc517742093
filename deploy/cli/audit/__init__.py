"""`qyzmet audit`: the log of decisions for operators, and for outsiders who trust nobody."""
