"""What is asked of the machine: one core each for server and load, the CPU time and the memory of a process."""

import os
import platform
import resource
from pathlib import Path

import apsw
import msgspec

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Cores(msgspec.Struct, frozen=True):
    """Where the two sides run; the same core when the machine grants only one."""

    server: int
    load: int


def take_cores() -> Cores:
    """Choose the cores and move this process to the load's."""
    granted = sorted(os.sched_getaffinity(0))
    cores = Cores(granted[0], granted[-1])
    os.sched_setaffinity(0, {cores.load})
    return cores


def allow_many_files() -> None:
    """Raise the number of open sockets to what the system permits."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process in seconds, its threads that ended included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def memory_kib(pid: int) -> int:
    """Return what a process would give back if it ended (USS), without the pages of mapped files, in KiB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name == "Private_Dirty":
            return int(rest.split()[0])
    message = "this kernel does not tell the private memory of a process"
    raise OSError(message)


def peak_kib(pid: int) -> int:
    """Return the most memory that a process ever held (high-water mark of its resident set), in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name == "VmHWM":
            return int(rest.split()[0])
    message = "this kernel does not tell the largest memory of a process"
    raise OSError(message)


def describe() -> str:
    """Describe the machine so that figures can be read, and nobody can tell whose it is."""
    cores = os.cpu_count() or 1
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.system()} on {platform.machine()}, {cores} cores, {gib:.0f} GiB, "
        f"Python {platform.python_version()}, SQLite {apsw.sqlite_lib_version()}, "
        f"{os.getloadavg()[0]:.1f} processes wanting a core on average of the last minute"
    )
