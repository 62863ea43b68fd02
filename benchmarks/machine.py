"""What a measurement was made on, in general terms: no names of machines or users."""

from __future__ import annotations

import os
import platform
import resource
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("highspy", "numpy", "pandas", "pulp", "linopy", "pypsa")


def described() -> dict[str, Any]:
    """Return processor, clock, number of cores, memory and system; what is not known is left out."""
    facts: dict[str, Any] = {"cores": os.cpu_count(), "system": f"{platform.system()} {platform.machine()}"}
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        facts["memory_gb"] = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30)
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    for name, key in (("model name", "processor"), ("cpu MHz", "mhz")):
        found = next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
        if found:
            facts[key] = round(float(found)) if key == "mhz" else found
    return facts


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that are installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def peak_mb() -> float:
    """Return the most memory that this process has had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
