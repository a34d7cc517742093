"""Specifies what the classifier knows of the register of services."""

from contextlib import closing
from pathlib import Path

from classifier.clients import CatalogueClient
from services.catalog import app as catalog_app
from services.chassis import testing
from tests.unit.routing import register


def test_a_register_that_did_not_change_is_not_sent_again(tmp_path: Path) -> None:
    """Asked every few seconds, the catalogue answers whoever has its version with nothing."""
    path = register.save(tmp_path / "catalogue")
    with (
        testing.platform_in(tmp_path / "data", catalogue=path) as platform,
        testing.running(platform, catalog_app.build(platform)) as catalog,
        closing(
            CatalogueClient(
                catalog.addresses["catalog"],
                platform.tokens("classifier").bearer,
                deadline=5.0,
            )
        ) as client,
    ):
        first = client.register()

        assert "identity.passport" in first.service_ids
        assert "identity.passport" in first.names.values()
        assert first.names.keys() > first.service_ids  # titles, too
        assert client.register() is first
