"""Web pages for people: citizens in a hurry, officers with a queue, analysts with a question."""
