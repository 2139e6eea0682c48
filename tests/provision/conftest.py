"""A machine that is a folder, whose programs are noted and not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.errors import ProvisionError


@dataclass
class FolderMachine:
    """Files below ``folder``; ``answers`` say what a program prints, ``fails`` which one fails."""

    folder: Path
    ran: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    fails: set[str] = field(default_factory=set)

    def path(self, absolute: str) -> Path:
        return self.folder / absolute.lstrip("/")

    def run(self, *command: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        line = " ".join(command)
        self.ran.append(line)
        if any(each in line for each in self.fails):
            raise ProvisionError("provision_program", program=command[0], status=1, reason="x")
        return next((said for start, said in self.answers.items() if line.startswith(start)), "")


@pytest.fixture
def machine(tmp_path: Path) -> FolderMachine:
    return FolderMachine(tmp_path / "machine")
