"""The gRPC door of catalog."""

from services.catalog.rpc.door import SERVICE, CatalogServicer
from services.catalog.rpc.wire import to_proto

__all__ = ["SERVICE", "CatalogServicer", "to_proto"]
