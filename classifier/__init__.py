"""The classifier: trains, evaluates and serves models; knows texts and labels, not cases."""
