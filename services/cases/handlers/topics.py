"""What triaged cases are about, for analysts: found where the words lie, told by shared words."""

from services.cases.domain.topics import Days, Told, Topics, Triaged, days_from, topics
from services.cases.handlers.decisions import sorters_text
from services.cases.ports import Clock, Group, History, Mask, TriagedCases, Vault
from services.chassis.principal import Principal
from services.chassis.workdays import day_at

LOOKED_AT = 2500
"""So many of the newest cases are looked at, and as many of those before."""
MANY_CASES = ""
"""What the record of readings names in place of a case."""


def triaged_topics(
    principal: Principal,
    start: str,
    end: str,
    language: str,
    *,
    least_people: int,
    triaged: TriagedCases,
    vault: Vault,
    history: History,
    mask: Mask,
    group: Group,
    now: Clock,
) -> Topics:
    """Group cases that went to a person by what they are about, beside those before them."""
    days = days_from(start, end, day_at(now()))

    def found(of: Days) -> list[Triaged]:
        return list(triaged.triaged(of.begin, of.end, language, LOOKED_AT + 1))

    spans = (found(days), found(days.before))
    history.record_access([MANY_CASES], principal)
    looked_at = [(one, span) for span in (0, 1) for one in spans[span][:LOOKED_AT]]
    opened = vault.open([one.case_id for one, _ in looked_at])
    known = [(one, span, opened[one.case_id]) for one, span in looked_at if one.case_id in opened]
    texts = [sorters_text(words, mask) for _, _, words in known]
    told = [
        Told(one, text, topic, is_before=bool(span))
        for (one, span, _), text, topic in zip(known, texts, group(texts), strict=True)
    ]
    is_cut = any(len(span) > LOOKED_AT for span in spans)
    return topics(told, days, least_people=least_people, is_cut=is_cut)
