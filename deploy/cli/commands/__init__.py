"""What can be said to `qyzmet`, with examples; the work is in the files of the folder above."""
