"""The `qyzmet` command."""
