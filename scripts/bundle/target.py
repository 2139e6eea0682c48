"""What a bundle is made for: a processor and the Python of Debian 13 (Raspberry Pi OS trixie)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of machine."""

    debian: str
    """Debian's name of the architecture."""
    machine: str
    """What ``uname -m`` says there."""

    @property
    def platforms(self) -> tuple[str, ...]:
        """Wheel platform tags that run there; glibc is 2.41."""
        modern = (f"manylinux_2_{minor}_{self.machine}" for minor in range(41, 16, -1))
        return (*modern, f"manylinux2014_{self.machine}")

    @property
    def markers(self) -> dict[str, str]:
        """The environment markers of PEP 508 there."""
        return {
            "implementation_name": "cpython",
            "implementation_version": "3.13.5",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": "3.13.5",
            "python_version": PYTHON,
            "sys_platform": "linux",
        }


PYTHON = "3.13"
SUITE = "trixie"
TARGETS = {
    "arm64": Target("arm64", "aarch64"),
    "amd64": Target("amd64", "x86_64"),
}
