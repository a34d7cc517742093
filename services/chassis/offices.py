"""How offices are called by their codes."""


def regional(agency: str, region: str) -> str:
    """Return the code of an agency's office in a region: `akimat-75` of `AKIMAT` and `75`."""
    return f"{agency.lower()}-{region}"
