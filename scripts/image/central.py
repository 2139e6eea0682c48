"""A central server beside the container, over TLS, with releases for its kiosk."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.image.roots import ROOT

_PORT = 8443
URL = f"https://127.0.0.1:{_PORT}"
KIOSK = "K1"


@dataclass(frozen=True, slots=True)
class Central:
    """Its database, its certificate and its releases are below ``folder``."""

    folder: Path

    @property
    def certificate(self) -> Path:
        """Of its own authority."""
        return self.folder / "central.pem"

    def prepare(self) -> None:
        """Begin with nothing but a certificate."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=central", "-addext",
             "subjectAltName=IP:127.0.0.1", "-keyout", str(self.folder / "central.key"),
             "-out", str(self.certificate)], check=True, capture_output=True,
        )  # fmt: skip

    def invitation(self) -> str:
        """A token for one kiosk."""
        return self._run("device", "enrol", KIOSK).strip()

    def publish(self, bundle: Path, key: str) -> None:
        """Offer ``bundle``, signed by ``key``, to every kiosk."""
        self._run("update", "publish", str(bundle), "--release-key", key, "--percent", "100",
                  *self._releases)  # fmt: skip

    def releases(self) -> str:
        """Which there are, and which kiosks say that they run them."""
        return self._run("update", "list")

    @property
    def command(self) -> list[str]:
        """The server itself."""
        key = str(self.folder / "central.key")
        return [
            str(ROOT / ".venv/bin/central"), "serve", "--port", str(_PORT), *self._database,
            *self._releases, "--tls-certificate", str(self.certificate), "--tls-key", key,
        ]  # fmt: skip

    @property
    def _database(self) -> tuple[str, ...]:
        return "--database", f"sqlite:///{self.folder}/central.db"

    @property
    def _releases(self) -> tuple[str, ...]:
        return "--releases", str(self.folder / "releases")

    def _run(self, *arguments: str) -> str:
        return subprocess.run(
            [str(ROOT / ".venv/bin/central"), *arguments, *self._database],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
