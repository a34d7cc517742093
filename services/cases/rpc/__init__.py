"""The gRPC door: protobuf in, domain inside, protobuf out."""

from services.cases.rpc.door import SERVICE, CasesServicer

__all__ = ["SERVICE", "CasesServicer"]
