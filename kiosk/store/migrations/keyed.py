"""SQL functions for steps that seal and turn what earlier releases kept in clear."""

from __future__ import annotations

import numpy as np

from kiosk.idcard.document import IdentityDocument
from kiosk.store.office_secrets import OfficeSecrets
from kiosk.store.protection import protect
from kiosk.store.sealing import Sealing
from kiosk.store.sqlcipher import Connection
from wire import number_index


def offer(connection: Connection, sealing: Sealing, secrets: OfficeSecrets) -> None:
    """Make the functions that ``0004_people.sql`` calls.

    Secrets are only made where there is somebody to protect. Raises
    :class:`~kiosk.errors.StoreError`.
    """
    if connection.execute("SELECT 1 FROM citizen LIMIT 1").fetchone() is not None:
        secrets.template()  # a fault inside a function would lose its words
        secrets.number()

    def sealed(text: str | None, citizen: str, column: str) -> bytes | None:
        return None if text is None else sealing.seal(text, citizen, column)

    def turned(vector: bytes, model: str) -> bytes:
        vectors = np.frombuffer(vector, "<f4")[np.newaxis]
        return protect(vectors, secrets.template().key, model).tobytes()

    def indexed(number: str) -> str:
        return number_index(secrets.number().key, number)

    connection.create_function("sealed", 3, sealed)
    connection.create_function("turned", 2, turned)
    connection.create_function("masked_name", 1, _masked_name)
    connection.create_function("number_index", 1, indexed)
    connection.create_function("number_secret", 0, lambda: secrets.number().id)
    connection.create_function("template_secret", 0, lambda: secrets.template().id)


def _masked_name(name: str) -> str:
    return IdentityDocument("", name, "", None, "", "qr").masked_name
