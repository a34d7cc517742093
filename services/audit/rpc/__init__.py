"""The gRPC door: protobuf in, domain inside, protobuf out."""

from services.audit.rpc.door import SERVICE, AuditServicer

__all__ = ["SERVICE", "AuditServicer"]
