"""The HTTP door: REST, JSON and the page that describes them."""
