"""The services routing calls: catalog, cases and the classifier."""
