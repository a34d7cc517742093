"""The gRPC doors: answers and pages on threads, endless streams on an event loop."""
