"""People to try things out as; they exist in development only."""

from services.chassis.principal import Principal, Role

DEMO_PRINCIPALS = {
    "citizen": Principal("demo-citizen", Role.CITIZEN),
    "portal": Principal("demo-portal", Role.PORTAL, portal="demo"),
    "officer of MIA": Principal("demo-officer", Role.OFFICER, offices=frozenset({"MIA"})),
    "triage officer": Principal("demo-triage", Role.TRIAGE_OFFICER),
    "analyst": Principal("demo-analyst", Role.ANALYST),
    "model steward": Principal("demo-steward", Role.MODEL_STEWARD),
    "catalogue steward": Principal("demo-catalogue-steward", Role.CATALOGUE_STEWARD),
    "administrator": Principal("demo-administrator", Role.ADMINISTRATOR),
}
