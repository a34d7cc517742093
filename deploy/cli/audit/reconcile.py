"""Nothing missing: every decision of cases is in the log, and nothing else is."""

import httpx

from deploy.cli import portal
from services.chassis import config
from services.chassis.auth import Issuer
from services.chassis.errors import UnavailableError
from services.chassis.principal import Principal, Role

OPERATOR = Principal("operator", Role.ADMINISTRATOR)
TOKEN_SECONDS = 3600.0
SECONDS = 60.0


def reconcile(url: str, token: str = "") -> tuple[int, int, list[str]]:
    """Return how many decisions were compared, how many are on their way, and every gap.

    Without a token the local issuer makes one, which production takes from nobody.
    """
    settings = config.load()
    own = token or Issuer.at(settings.secrets_dir).issue(OPERATOR, seconds=TOKEN_SECONDS)
    headers = {"Authorization": f"Bearer {own}"}
    checked, waiting, gaps = 0, 0, list[str]()
    after: dict[str, str | int] = {}
    with httpx.Client(
        base_url=url or portal.own_url(settings), headers=headers, timeout=SECONDS
    ) as client:
        while True:
            try:
                answer = client.get("/v1/audit/reconciliation", params=after)
                answer.raise_for_status()
            except httpx.HTTPError as error:
                raise UnavailableError(str(error)) from error
            page = answer.json()
            checked, waiting = checked + page["checked_count"], waiting + page["waiting_count"]
            gaps += [f"{one} is not in the log" for one in page["missing"]]
            gaps += [f"{one} is in the log, and cases does not know it" for one in page["strange"]]
            if page["is_last"]:
                return checked, waiting, gaps
            after = {
                "after_case_id": page["last_case_id"],
                "after_case_version": page["last_case_version"],
            }
