"""The units, as far as they can be read without systemd: test-image.sh has it verify them."""

from __future__ import annotations

import configparser
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent / "systemd"
UNITS = sorted((ROOT / "units").glob("*.service"))
HARDENING = ROOT / "units/kiosk-.service.d/10-hardening.conf"


def values(path: Path, key: str) -> list[str]:
    lines = path.read_text("utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{key}=")]


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_program_is_one_we_install_or_the_system_has(unit: Path) -> None:
    for command in values(unit, "ExecStart") + values(unit, "ExecStartPost"):
        program = command.lstrip("-").split()[0]
        if program.startswith("/opt/kiosk/bin/"):
            assert os.access(ROOT / "bin" / Path(program).name, os.X_OK)
        elif program == "/usr/lib/kiosk/provision":
            assert os.access(ROOT / "provision/provision", os.X_OK)
        else:
            assert program in ("/bin/rm", "/bin/systemctl")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_what_a_unit_names_is_there(unit: Path) -> None:
    ours = {path.name for path in (ROOT / "units").iterdir()}
    for key in ("Wants", "OnFailure", "OnSuccess", "Conflicts", "Unit"):
        for name in " ".join(values(unit, key)).split():
            assert name in ours or not name.startswith(("kiosk", "provision"))


def test_templates_never_reach_a_disk_by_way_of_memory() -> None:
    text = HARDENING.read_text("utf-8")
    assert "MemorySwapMax=0" in text
    assert "LimitCORE=0" in text


def test_the_screen_is_hardened_as_the_others_are() -> None:
    assert (ROOT / "units/kiosk.service.d/10-hardening.conf").resolve() == HARDENING


@pytest.mark.parametrize("name", ["kiosk.service", "kiosk-safe.service", "kiosk-sync.service"])
def test_what_runs_for_years_is_watched(name: str) -> None:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string((ROOT / "units" / name).read_text("utf-8"))
    service = parser["Service"]
    assert service["Type"] == "notify"
    assert service["WatchdogSec"]
    assert service["Restart"] == "always"


def test_safe_mode_follows_repeated_failed_starts() -> None:
    unit = ROOT / "units/kiosk.service"
    assert values(unit, "OnFailure") == ["kiosk-safe.service"]
    assert values(unit, "StartLimitBurst") == ["5"]
    # Seen without it: every single failed start began the safe mode and stopped it again.
    assert values(unit, "RestartMode") == ["direct"]


def test_shell_scripts_are_clean() -> None:
    scripts = [
        *(ROOT / "bin").iterdir(),
        ROOT / "provision/provision",
        ROOT / "provision/overlay-init",
        ROOT / "root/usr/local/bin/kiosk",
        *(ROOT.parent / "scripts" / f"{name}.sh" for name in ("flash", "bundle", "test-image")),
    ]
    done = subprocess.run(
        ["shellcheck", *map(str, scripts)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_first_boot_script_is_clean(tmp_path: Path) -> None:
    from scripts.flash.customise import FIRST_BOOT

    script = tmp_path / "first-boot.sh"
    script.write_text(FIRST_BOOT, "utf-8")
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    assert len(FIRST_BOOT.encode()) < 4096


@pytest.mark.parametrize("unit", [HARDENING, *UNITS], ids=lambda path: path.name)
def test_who_keeps_the_office_s_time_can_tell_one_start_from_another(unit: Path) -> None:
    # Seen in the container: without /proc/sys/kernel/random/boot_id no kiosk enrolled or synced.
    assert values(unit, "ProcSubset") == []
