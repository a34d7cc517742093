"""An HTTP/1.1 client that costs little: the load must not take the cores from what it measures."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MAX_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer, and its body."""

    status: int
    body: bytes


class HttpClient:
    """Posts and gets over connections that are kept open; each is lent to one caller at a time."""

    def __init__(self, host: str, port: int, headers: Mapping[str, str]) -> None:
        self._host = host
        self._port = port
        fixed = {"Host": f"{host}:{port}", "Content-Type": "application/json", **headers}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in fixed.items())
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, path: str, body: bytes, key: str) -> Answer:
        """Post a JSON body under an idempotency key and return the answer."""
        length = len(body)
        head = f"POST {path} HTTP/1.1\r\n{self._head}Idempotency-Key: {key}\r\n"
        return await self._send(f"{head}Content-Length: {length}\r\n\r\n".encode() + body)

    async def get(self, path: str) -> Answer:
        """Get a resource."""
        return await self._send(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())

    async def _send(self, request: bytes) -> Answer:
        reader, writer = await self._connection()
        writer.write(request)
        try:
            answer = await _read(reader)
        except BaseException:
            writer.close()
            raise
        self._idle.append((reader, writer))
        return answer

    async def close(self) -> None:
        """Close every connection that is not in use."""
        for _, writer in self._idle:
            writer.close()
        await asyncio.gather(
            *(writer.wait_closed() for _, writer in self._idle), return_exceptions=True
        )

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self._host, self._port, limit=MAX_HEAD)


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    body = await reader.readexactly(_length(head[1:]))
    return Answer(int(head[0].split(b" ", 2)[1]), body)


def _length(lines: Sequence[bytes]) -> int:
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
