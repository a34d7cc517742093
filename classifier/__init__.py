"""The classifier: trains, evaluates, serves and explains models; knows texts and labels, not cases."""
