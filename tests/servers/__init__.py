"""The real servers that tests run on: the user's, a container's, or this machine's own."""
