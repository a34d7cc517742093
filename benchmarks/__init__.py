"""What is measured, side by side; never part of the tests."""
