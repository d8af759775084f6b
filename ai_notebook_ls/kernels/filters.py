"""The system call filter of a contained kernel: what Landlock leaves open (see lockdown.py).

Standard library only, Python 3.8 or later, nothing of this package: it runs in the notebook's interpreter. A filter is a
program for the kernel's packet filter machine (seccomp(2), linux/filter.h), which sees a call's number and arguments and
no memory: it cannot read a path or a socket's address. So whole calls are refused where one of their uses reaches out.
The filter holds for the process and all that it starts, and cannot be taken off.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from typing import NamedTuple

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""The column of NUMBERS, and what the kernel calls the machine (linux/audit.h)."""
NUMBERS = {
    # Other processes, and what all share.
    **{"acct": (163, 89), "kcmp": (312, 272), "migrate_pages": (256, 238), "move_pages": (279, 239)},
    **{"pidfd_getfd": (438, 438), "process_madvise": (440, 440), "process_mrelease": (448, 448), "ptrace": (101, 117)},
    **{"process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "vhangup": (153, 58), "syslog": (103, 116)},
    **{"add_key": (248, 217), "keyctl": (250, 219), "request_key": (249, 218), "lookup_dcookie": (212, 18)},
    **{"mq_open": (240, 180), "mq_unlink": (241, 181), "msgctl": (71, 187), "msgget": (68, 186), "msgrcv": (70, 188)},
    **{"msgsnd": (69, 189), "semctl": (66, 191), "semget": (64, 190), "semop": (65, 193), "semtimedop": (220, 192)},
    **{"shmat": (30, 196), "shmctl": (31, 195), "shmget": (29, 194)},
    # The machine.
    **{"adjtimex": (159, 171), "clock_adjtime": (305, 266), "clock_settime": (227, 112), "settimeofday": (164, 170)},
    **{"delete_module": (176, 106), "finit_module": (313, 273), "init_module": (175, 105), "uselib": (134, None)},
    **{"ioperm": (173, None), "iopl": (172, None), "modify_ldt": (154, None), "reboot": (169, 142)},
    **{"kexec_file_load": (320, 294), "kexec_load": (246, 104), "sethostname": (170, 161), "setdomainname": (171, 162)},
    **{"quotactl": (179, 60), "quotactl_fd": (443, 443), "swapoff": (168, 225), "swapon": (167, 224)},
    # Namespaces and mounts.
    **{"chroot": (161, 51), "fsconfig": (431, 431), "fsmount": (432, 432), "fsopen": (430, 430), "fspick": (433, 433)},
    **{"mount": (165, 40), "mount_setattr": (442, 442), "move_mount": (429, 429), "open_tree": (428, 428)},
    **{"open_tree_attr": (467, 467), "pivot_root": (155, 41), "setns": (308, 268), "umount2": (166, 39)},
    **{"unshare": (272, 97), "clone": (56, 220), "clone3": (435, 435)},
    # Ways around a filter or a path, and parts of the kernel with a history of holes.
    **{"bpf": (321, 280), "fanotify_init": (300, 262), "open_by_handle_at": (304, 265), "perf_event_open": (298, 241)},
    **{"io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_uring_setup": (425, 425)},
    **{"nfsservctl": (180, 42), "userfaultfd": (323, 282), "openat2": (437, 437)},
    # What files are beside their content.
    **{"chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None)},
    **{"fchown": (93, 55), "fchownat": (260, 54), "lchown": (94, None), "utime": (132, None), "utimes": (235, None)},
    **{"futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6)},
    **{"fsetxattr": (190, 7), "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15)},
    **{"fremovexattr": (199, 16), "removexattrat": (466, 466), "file_setattr": (469, 469)},
    # Those of which some uses are allowed.
    **{"connect": (42, 203), "socket": (41, 198), "socketpair": (53, 199), "fcntl": (72, 25), "ioctl": (16, 29)},
    **{"kill": (62, 129), "tgkill": (234, 131), "tkill": (200, 130), "pidfd_send_signal": (424, 424)},
    **{"rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "prlimit64": (302, 261)},
    **{"setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setaffinity": (203, 122)},
    **{"sched_setattr": (314, 274), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119)},
    **{"open": (2, None), "openat": (257, 56), "truncate": (76, 45), "setsid": (112, 157), "setpgid": (109, 154)},
}
"""Numbers of system calls: x86_64 (asm/unistd_64.h), and those that newer machines share (asm-generic/unistd.h)."""
REFUSED = (
    *("acct", "kcmp", "migrate_pages", "move_pages", "pidfd_getfd", "process_madvise", "process_mrelease", "ptrace"),
    *("process_vm_readv", "process_vm_writev", "vhangup", "syslog", "add_key", "keyctl", "request_key"),
    *("lookup_dcookie", "adjtimex", "clock_adjtime", "clock_settime", "settimeofday", "delete_module", "finit_module"),
    *("init_module", "uselib", "ioperm", "iopl", "modify_ldt", "reboot", "kexec_file_load", "kexec_load"),
    *("sethostname", "setdomainname", "quotactl", "quotactl_fd", "swapoff", "swapon", "chroot", "fsconfig", "fsmount"),
    *("fsopen", "fspick", "mount", "mount_setattr", "move_mount", "open_tree", "open_tree_attr", "pivot_root", "setns"),
    *("umount2", "unshare", "bpf", "fanotify_init", "open_by_handle_at", "perf_event_open", "nfsservctl"),
    "userfaultfd",
)
ABSENT = (
    # Their arguments lie in memory, where a filter cannot look; libraries do without them.
    *("clone3", "openat2", "io_uring_enter", "io_uring_register", "io_uring_setup"),
    # System V's and POSIX' message queues, semaphores and memory belong to all programs of the user.
    *("mq_open", "mq_unlink", "msgctl", "msgget", "msgrcv", "msgsnd", "semctl", "semget", "semop", "semtimedop"),
    *("shmat", "shmctl", "shmget"),
)
"""Calls that answer as on a kernel that does not have them."""
IGNORED = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "fchownat", "lchown", "utime", "utimes"),
    *("futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr"),
    *("fremovexattr", "removexattrat", "file_setattr"),
)
"""Calls that do nothing and say that all went well: Landlock lets them be done to any file, and copying a file calls them."""
NEW_NAMESPACE = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (linux/sched.h)."""
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, SOCK_STREAM, SOCK_SEQPACKET = 1, 2, 10, 16, 1, 5
O_ACCMODE, O_TRUNC = 3, 0o1000
FICLONE, FICLONERANGE, FIDEDUPERANGE = 0x40049409, 0x4020940D, 0xC0189436
COMMANDS = (
    *((0xFF00, group << 8) for group in (0x58, 0x66, 0x94)),  # of file systems: XFS and all, ext4 and flags, btrfs
    *(
        (0xFFFFFFFF, command) for command in (0x5412, 0x541C, 0x8901, 0x8902)
    ),  # TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP
)
"""ioctls that change files opened for reading, type into a terminal, or send signals: masks and values."""
F_SETOWN, F_SETOWN_EX, F_SETLEASE, PRIO_PROCESS, IOPRIO_WHO_PROCESS = 8, 15, 1024, 0, 1
ALLOW, KILL = 0x7FFF0000, 0x80000000
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2


class Test(NamedTuple):
    """An argument by its place, a mask, and the value that the mask leaves of it."""

    place: int
    mask: int
    value: int


class Rule(NamedTuple):
    """A call whose arguments pass all tests, and what becomes of it."""

    call: str
    action: int
    tests: tuple[Test, ...] = ()


def refuse(number: int) -> int:
    """Return the action that lets a call fail with an error number; 0: it seems to have gone well."""
    return 0x00050000 | number


def rules(network: bool, abi: int) -> list[Rule]:
    """Return the rules, of which the first that fits holds; what none fits is allowed.

    `network`: the process has a network namespace of its own. `abi`: the Landlock in force beside the filter.
    """
    found = [Rule(call, refuse(errno.EPERM)) for call in REFUSED]
    found += [Rule(call, refuse(errno.ENOSYS)) for call in ABSENT]
    found += [Rule(call, refuse(0)) for call in IGNORED]
    found.append(Rule("clone", ALLOW, (Test(0, NEW_NAMESPACE, 0),)))
    found.append(Rule("clone", refuse(errno.EPERM)))
    found += [*_sockets(network), *_others(), *_descriptors()]
    # To Landlock this asks for nothing; it opens what may not be read, and devices.
    found += _opening(O_ACCMODE, O_ACCMODE)
    if abi < 6:
        found += _signals()
    if abi < 3:
        found += _truncations()
    return found


def _sockets(network: bool) -> list[Rule]:
    """No socket that could speak to another process: a unix socket's path leads out of every namespace."""
    inet = ALLOW if network else refuse(errno.ENETUNREACH)
    found = [Rule("socket", inet, (_is(0, family),)) for family in (AF_INET, AF_INET6)]
    # ZMQ asks what interfaces there are, and ends at any other error than those that say that nobody can tell.
    found.append(Rule("socket", refuse(errno.EOPNOTSUPP), (_is(0, AF_NETLINK),)))
    found.append(Rule("socket", refuse(errno.EPERM)))
    # A pair of them may: asyncio has one. Not of datagrams, which can be sent to any path.
    kinds = [Test(1, 0xF, kind) for kind in (SOCK_STREAM, SOCK_SEQPACKET)]
    found += [Rule("socketpair", ALLOW, (_is(0, AF_UNIX), kind)) for kind in kinds]
    found.append(Rule("socketpair", refuse(errno.EPERM)))
    return found if network else [*found, Rule("connect", refuse(errno.EPERM))]


def _others() -> list[Rule]:
    """No other process's limits and priority."""
    own = (0, os.getpid())
    found = [Rule("setpriority", ALLOW, (_is(0, PRIO_PROCESS), _is(1, pid))) for pid in own]
    found += [Rule("ioprio_set", ALLOW, (_is(0, IOPRIO_WHO_PROCESS), _is(1, pid))) for pid in own]
    for call in ("prlimit64", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler"):
        found += [Rule(call, ALLOW, (_is(0, pid),)) for pid in own]
        # A thread sets its own by its number, which no filter can tell from a stranger's; ZMQ ends without it.
        found.append(Rule(call, refuse(errno.EPERM if call == "prlimit64" else 0)))
    return [*found, *(Rule(call, refuse(errno.EPERM)) for call in ("setpriority", "ioprio_set"))]


def _descriptors() -> list[Rule]:
    """Nothing that a descriptor opened for reading is enough for, and changes what others see."""
    found = [Rule("ioctl", ALLOW, (_is(1, command),)) for command in (FICLONE, FICLONERANGE, FIDEDUPERANGE)]
    found += [Rule("ioctl", refuse(errno.EPERM), (Test(1, mask, value),)) for mask, value in COMMANDS]
    return [*found, *(Rule("fcntl", refuse(errno.EPERM), (_is(1, it),)) for it in (F_SETOWN, F_SETOWN_EX, F_SETLEASE))]


def _signals() -> list[Rule]:
    """Before Landlock knew of signals: they go to this process and its group, not to those that it has started.

    All that it starts stays in that group, so that one signal ends it (supervisor.py).
    """
    own = os.getpid()
    found = [Rule("kill", ALLOW, (_is(0, pid),)) for pid in (0, own, -own)]
    found.append(Rule("tgkill", ALLOW, (_is(0, own),)))
    refused = ("kill", "tgkill", "tkill", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
    found += [Rule(call, refuse(0)) for call in ("setsid", "setpgid")]
    return [*found, *(Rule(call, refuse(errno.EPERM)) for call in refused)]


def _truncations() -> list[Rule]:
    """Before Landlock knew of them: a file that may only be read could be emptied."""
    return [Rule("truncate", refuse(errno.EACCES)), *_opening(O_ACCMODE | O_TRUNC, O_TRUNC)]


def _opening(mask: int, flags: int) -> list[Rule]:
    """No opening of files with such flags."""
    places = {"open": 1, "openat": 2}
    return [Rule(call, refuse(errno.EACCES), (Test(place, mask, flags),)) for call, place in places.items()]


def _is(place: int, value: int) -> Test:
    return Test(place, 0xFFFFFFFF, value & 0xFFFFFFFF)


def assemble(found: list[Rule]) -> bytes:
    """Return the rules as a program for this machine."""
    column, machine = MACHINES[platform.machine()]
    # Each instruction (linux/bpf_common.h): what, how far to jump if it is so and if not, a value.
    load, take, equal, above, give = 0x20, 0x54, 0x15, 0x35, 0x06
    program = [(load, 0, 0, 4), (equal, 1, 0, machine), (give, 0, 0, KILL)]
    program += [(load, 0, 0, 0), (above, 0, 1, 0x40000000), (give, 0, 0, refuse(errno.ENOSYS))]  # x86_64's x32
    for rule in found:
        number = NUMBERS[rule.call][column]
        if number is None:
            continue
        tests: list[tuple[int, int, int]] = []
        for place, mask, value in rule.tests:
            tests += [(load, 0, 16 + 8 * place), (take, 0, mask), (equal, 1, value)]
        steps = [(load, 0, 0), (equal, 1, number), *tests]
        for place, (what, jumps, value) in enumerate(steps):
            program.append((what, 0, len(steps) - place if jumps else 0, value))
        program.append((give, 0, 0, rule.action))
    program.append((give, 0, 0, ALLOW))
    return b"".join(struct.pack("<HBBI", *each) for each in program)


def install(network: bool, abi: int) -> None:
    """Filter the system calls of this process, which has set no_new_privs. Raises OSError."""
    code = assemble(rules(network, abi))
    kept = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(kept)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp: " + os.strerror(ctypes.get_errno()))
