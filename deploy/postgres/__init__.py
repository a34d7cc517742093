"""PostgreSQL for development and tests, run by the programs that are installed."""
