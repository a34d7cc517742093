"""Apache Kafka for development and tests, from Maven Central and run by java."""
