"""How offices are called by their codes."""


def regional(agency: str, region: str) -> str:
    """Return the code of an agency's office in a region: `akimat-75` of `AKIMAT` and `75`."""
    return f"{agency.lower()}-{region}"


def agency_and_region(code: str) -> tuple[str, str]:
    """Return whose office a code is, and in which region: `AKIMAT` and `75` of `akimat-75`.

    An agency that has one office is that office: `MIA`, and no region.
    """
    agency, dash, region = code.rpartition("-")
    return (agency.upper(), region) if dash else (code, "")
