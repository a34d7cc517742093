"""The words for codes that services tell analysts."""

from gateway.pages.words import N_

LANGUAGE_NAMES = {
    "kk": N_("Kazakh"),
    "ru": N_("Russian"),
    "en": N_("English"),
    "mixed": N_("Kazakh and Russian mixed"),
}
GROUPS = {
    "agency": N_("Agency"),
    "life-event": N_("Life event"),
    "language": N_("Language"),
    "region": N_("Region"),
    "service": N_("Service"),
    "model": N_("Model"),
    "day": N_("Day"),
}
BASES = {"demand": N_("By demand: requests"), "services": N_("By count: services")}
FORECAST_REASONS = {
    "TOO_FEW_DAYS": N_("Fewer than fourteen days are known: no line is drawn."),
    "NOT_GROWING": N_("If all goes on as before, it never gets there."),
}
MEASURES = {
    "length": N_("Length of texts"),
    "unknown": N_("Share of words the model does not know"),
    "score": N_("How sure the model is"),
    "language": N_("Languages of texts"),
}
AUDIENCES = {
    "pupils": N_("Pupils"),
    "students": N_("Students"),
    "civil-servants": N_("Civil servants"),
    "entrepreneurs": N_("Entrepreneurs"),
    "others": N_("Others"),
}
