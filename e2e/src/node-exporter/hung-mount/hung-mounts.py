"""Mounts file systems that never answer statfs, runs a program beside them and lets go when it ends.

    unshare --mount --pid --fork --mount-proc python3 hung-mounts.py FOLDER COUNT PROGRAM ARGUMENT...

They are FUSE mounts whose server answers the greeting alone, which hang as mounts of a dead NFS server do.
"""

import ctypes
import os
import signal
import struct
import subprocess
import sys

FUSE_INIT = 26
HEADER = struct.Struct("<IIQQIIII")  # length, opcode, unique, node, uid, gid, pid, padding
ANSWER = struct.Struct("<IiQ")  # length, error, unique
GREETING = struct.Struct("<IIIIHHIIHHI7I")

libc = ctypes.CDLL(None, use_errno=True)


def mount(folder: str) -> int:
    fd = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={fd},rootmode=40000,user_id=0,group_id=0".encode()
    if libc.mount(b"server:/dead", folder.encode(), b"fuse.dead", 0, options) != 0:
        raise OSError(ctypes.get_errno(), f"mount {folder}")
    return fd


def greet(fd: int) -> None:
    """Answers the greeting and reads nothing more: who waits for an answer can be killed, as with NFS."""
    request = os.read(fd, 1 << 20)
    _, opcode, unique, *_ = HEADER.unpack_from(request)
    assert opcode == FUSE_INIT
    major, minor, ahead = struct.unpack_from("<III", request, HEADER.size)
    body = GREETING.pack(major, minor, ahead, 0, 1, 1, 4096, 1, 0, 0, 0, *[0] * 7)
    os.write(fd, ANSWER.pack(ANSWER.size + len(body), 0, unique) + body)


def main() -> int:
    folder, count, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    for number in range(count):
        path = os.path.join(folder, str(number))
        os.makedirs(path)
        greet(mount(path))
    program = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda *_: program.terminate())
    status = program.wait()
    sys.stdout.flush()
    os._exit(status)  # The files of /dev/fuse close, and whoever waits for a mount is told so.


sys.exit(main())
