"""A disk of a few megabytes that a server of a test may fill up, without harm to the machine's.

It is a tmpfs in a mount namespace of one small process, which gives whoever has its rights a
way in by /proc. Root makes one by its own right; others need a kernel that lets them have a
user namespace.
"""

import ctypes
import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.postgres.server import ACCOUNT

NEW_MOUNTS, NEW_USER = 0x00020000, 0x10000000
RECURSIVE, PRIVATE = 0x4000, 0x40000
FILLER = "filler"
PIECE = 65536
LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Disk:
    """A small disk."""

    path: Path

    def fill(self) -> None:
        """Leave no room at all."""
        with (self.path / FILLER).open("ab", buffering=0) as filler:
            size = PIECE
            while size:
                try:
                    filler.write(bytes(size))
                except OSError:
                    size //= 2

    def free(self) -> None:
        """Give the room back."""
        (self.path / FILLER).unlink()


class NoDiskError(Exception):
    """This machine lets us make no disk of our own."""


@contextmanager
def small_disk(megabytes: int) -> Iterator[Disk]:
    """Give a disk that goes with the block."""
    with tempfile.TemporaryDirectory(prefix="qyzmet-disk-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server's own account must get in
        try:
            keeper = subprocess.Popen(
                ["cat"],
                stdin=subprocess.PIPE,
                preexec_fn=lambda: _mount(folder, megabytes),  # noqa: PLW1509  calls of the system
            )
        except subprocess.SubprocessError as error:
            raise NoDiskError from error
        try:
            yield Disk(Path(f"/proc/{keeper.pid}/root{folder}"))
        finally:
            keeper.communicate()


def _mount(folder: Path, megabytes: int) -> None:
    user, group = os.geteuid(), os.getegid()
    _call("unshare", NEW_MOUNTS | (NEW_USER if user else 0))
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _call("mount", None, b"/", None, RECURSIVE | PRIVATE, None)
    options = f"size={megabytes}m,mode=755".encode()
    _call("mount", b"tmpfs", os.fsencode(folder), b"tmpfs", 0, options)
    if not user:  # the server's own account must get in
        account = pwd.getpwnam(ACCOUNT)
        os.chown(folder, account.pw_uid, account.pw_gid)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)


def _call(name: str, *arguments: object) -> None:
    if getattr(LIBC, name)(*arguments):
        raise OSError(ctypes.get_errno(), name)
