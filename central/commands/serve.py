"""``central serve`` and ``central migrate``: the server itself."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

import typer

from central.commands.options import (
    DEFAULT,
    DatabaseUrl,
    KeyFile,
    ReleasesFolder,
    opened,
    refusal,
)
from central.logs import LogFormat
from central.settings import Settings

_IDLE_S = 75
"""How long a connection stays open for the next request: kiosks ask every ten seconds, or every
minute, and need no new handshake then."""
_STOP_S = 10
"""Requests under way at the end are given so long; what a kiosk does not hear it sends again."""
_HUNG_S = 30
"""A worker that has not answered its parent for so long is started anew; a busy one is not."""

Workers = Annotated[
    int,
    typer.Option(
        min=1, max=64, envvar="CENTRAL_WORKERS", help="Số tiến trình. Processes; SQLite: one."
    ),
]


def serve(
    host: Annotated[
        str, typer.Option(envvar="CENTRAL_HOST", help="Địa chỉ. Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(min=1, max=65535, envvar="CENTRAL_PORT", help="Cổng. Port to listen on."),
    ] = 8080,
    workers: Workers = 1,
    connections: Annotated[
        int,
        typer.Option(
            min=2,
            max=200,
            envvar="CENTRAL_CONNECTIONS",
            help="Kết nối PostgreSQL mỗi tiến trình. Connections to PostgreSQL by each worker.",
        ),
    ] = DEFAULT.connections,
    tls_certificate: Annotated[
        Path | None,
        typer.Option(envvar="CENTRAL_TLS_CERTIFICATE", help="Chứng thư. Certificate chain, PEM."),
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(envvar="CENTRAL_TLS_KEY", help="Khoá của nó. Its key, PEM.")
    ] = None,
    proxy: Annotated[
        str,
        typer.Option(
            envvar="CENTRAL_PROXY",
            help="Máy đứng trước. Addresses whose X-Forwarded-For is believed.",
        ),
    ] = "127.0.0.1",
    metrics_from: Annotated[
        list[str] | None,
        typer.Option(help="Ai được đọc /metrics. Networks that may read /metrics."),
    ] = None,
    log_format: Annotated[
        LogFormat,
        typer.Option(envvar="CENTRAL_LOG_FORMAT", help="Nhật ký. The log: JSON or plain lines."),
    ] = "text",
    releases: ReleasesFolder = DEFAULT.releases,
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Chạy máy chủ. Run the server until it is told to stop (SIGTERM).

    It then takes no new requests, finishes those under way and ends within ten seconds.
    """
    # Only here: a web framework takes a second to import, which the other commands can do without.
    import uvicorn

    from central.workers import run

    _check_tls(tls_certificate, tls_key)
    settings = Settings(
        database=database,
        key_file=key_file,
        connections=connections,
        releases=releases,
        log_format=log_format,
        metrics_from=tuple(metrics_from or DEFAULT.metrics_from),
    )
    _check_networks(settings.metrics_from)
    if workers > 1 and database.startswith("sqlite"):
        raise refusal(
            "SQLite chỉ một tiến trình: bỏ --workers hoặc dùng PostgreSQL.",
            "SQLite serves one worker: leave --workers out, or use PostgreSQL.",
            2,
        )
    # Here first: what cannot be opened is a sentence, and workers that start at once find the
    # schema up to date.
    with opened(database, key_file):
        pass
    # uvicorn ends in peace and then raises the signal once more.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="central-metrics-") as figures:
        os.environ |= settings.to_environment() | {"PROMETHEUS_MULTIPROC_DIR": figures}
        config = uvicorn.Config(
            "central.asgi:worker",
            factory=True,
            workers=workers,
            host=host,
            port=port,
            server_header=False,
            ws="none",
            access_log=False,
            log_config=None,
            forwarded_allow_ips=proxy,
            timeout_graceful_shutdown=_STOP_S,
            timeout_keep_alive=_IDLE_S,
            timeout_worker_healthcheck=_HUNG_S,
            ssl_certfile=tls_certificate,
            ssl_keyfile=tls_key,
        )
        run(config)


def migrate(database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None) -> None:
    """Cập nhật lược đồ. Bring the database's schema up to date, and say what it is now.

    `serve` does it by itself when it starts. It is one transaction: interrupted, nothing changed.
    """
    with opened(database, key_file) as central:
        typer.echo(central.revision())


def _check_networks(networks: tuple[str, ...]) -> None:
    for each in networks:
        try:
            ip_network(each)
        except ValueError as error:
            raise refusal(
                f"{each} không phải địa chỉ mạng (--metrics-from 10.0.0.0/8).",
                f"{each} is no network (--metrics-from 10.0.0.0/8).",
                2,
            ) from error


def _check_tls(certificate_file: Path | None, key_file: Path | None) -> None:
    import ssl

    if certificate_file is None and key_file is None:
        return
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate_file or "", key_file)
    except OSError as error:
        raise refusal(
            f"Không dùng được chứng thư TLS: {error}. Kiểm tra --tls-certificate và --tls-key.",
            f"The TLS certificate cannot be used: {error}. Check --tls-certificate and --tls-key.",
            2,
        ) from error
