"""An office's own authority: what it signs is trusted by whoever trusts it, and by nobody else."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from central.certificates import Certificate, CertificateError, create_certificate

HOSTS = ["central.office.internal", "127.0.0.1", "::1"]


@pytest.fixture
def made(tmp_path: Path) -> Certificate:
    return create_certificate(tmp_path, HOSTS, datetime.now(UTC))


def shakes_hands(made: Certificate, authority: Path, host: str) -> bool:
    """Whether a strict client (as Python 3.13's default) accepts the server."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_context = ssl.create_default_context(cafile=str(authority))
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(made.certificate, made.key)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    try:
        for _ in range(4):
            for side in (client, server):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    continue
    except ssl.SSLCertVerificationError:
        return False
    return True


@pytest.mark.parametrize("host", HOSTS)
def test_a_strict_client_accepts_every_name(made: Certificate, host: str) -> None:
    assert shakes_hands(made, made.authority, host)


def test_another_name_or_another_authority_is_refused(made: Certificate, tmp_path: Path) -> None:
    assert not shakes_hands(made, made.authority, "elsewhere.example")
    other = create_certificate(tmp_path / "other", HOSTS, datetime.now(UTC))
    assert not shakes_hands(made, other.authority, HOSTS[0])


def test_keys_are_their_owners_alone(made: Certificate, tmp_path: Path) -> None:
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes == {"ca.pem": 0o644, "ca.key": 0o600, "server.pem": 0o644, "server.key": 0o600}


def test_a_renewal_asks_nothing_new_of_the_kiosks(made: Certificate, tmp_path: Path) -> None:
    pinned = made.authority.read_bytes()
    kept = tmp_path / "pinned.pem"
    kept.write_bytes(pinned)
    before = made.certificate.read_bytes()
    again = create_certificate(tmp_path, HOSTS, datetime.now(UTC))
    assert again.authority.read_bytes() == pinned
    assert again.certificate.read_bytes() != before
    assert shakes_hands(again, kept, HOSTS[0])


def test_a_server_never_outlives_its_authority(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    create_certificate(tmp_path, HOSTS, now - timedelta(days=19 * 365))
    made = create_certificate(tmp_path, HOSTS, now)
    server = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    assert server.not_valid_after_utc == authority.not_valid_after_utc


@pytest.mark.parametrize("host", ["", "máy chủ"])
def test_what_is_no_host_is_said(tmp_path: Path, host: str) -> None:
    with pytest.raises(CertificateError):
        create_certificate(tmp_path, [host], datetime.now(UTC))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CertificateError):
        create_certificate(tmp_path / "file" / "tls", HOSTS, datetime.now(UTC))
