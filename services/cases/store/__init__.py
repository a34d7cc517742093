"""SQL ⇄ domain: the record of cases, the keys of their words, and the outbox."""
