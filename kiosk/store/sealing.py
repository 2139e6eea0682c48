"""Columns that only this kiosk's key opens: identity number, names, date of birth, address.

The whole database is encrypted already. Sealed columns stay closed to whoever gets to see rows
without the key: a query's output, a copy made for a repair, a value moved to another row.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.errors import StoreError

if TYPE_CHECKING:
    from kiosk.store.database import Database

COLUMNS = ("number", "old_number", "name", "date_of_birth", "address")
"""Of table ``citizen``, sealed."""
_ID, _NONCE = 4, 12
"""Bytes of the key's id and of the nonce (NIST SP 800-38D, section 8.2.2: random, 96 bits)."""


class Sealing:
    """AES-256-GCM under a key derived from the database's (HKDF-SHA256, RFC 5869).

    A sealed value is the key's id, a nonce, the ciphertext and its tag; citizen and column are
    authenticated with it, so that it opens nowhere but where it was put.
    """

    def __init__(self, key: bytes) -> None:
        """``key``: the 32 bytes that the database is encrypted with."""
        self._key = key

    @classmethod
    def of(cls, key: str) -> Self:
        """``key``: the same, as 64 hexadecimal digits."""
        return cls(bytes.fromhex(key))

    @cached_property
    def id(self) -> bytes:
        """Which key seals: 4 bytes that tell nothing about it."""
        return self._derived(b"kiosk/column-key-id/1", _ID)

    def seal(self, text: str, citizen: str, column: str) -> bytes:
        """``text`` as it may be stored in ``column`` of ``citizen``."""
        nonce = os.urandom(_NONCE)
        return self.id + nonce + self._cipher.encrypt(nonce, text.encode(), _place(citizen, column))

    def open(self, sealed: bytes, citizen: str, column: str) -> str:
        """What :meth:`seal` was given.

        Raises :class:`StoreError` ``store_sealed`` when it was sealed under another key, for
        another place, or was changed.
        """
        nonce, rest = sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :]
        try:
            if sealed[:_ID] != self.id:
                raise StoreError("store_sealed", column=column)
            return self._cipher.decrypt(nonce, rest, _place(citizen, column)).decode()
        except (InvalidTag, ValueError):
            raise StoreError("store_sealed", column=column) from None

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._derived(b"kiosk/column-key/1", 32))

    def _derived(self, what: bytes, length: int) -> bytes:
        return HKDF(SHA256(), length, salt=None, info=what).derive(self._key)


def reseal(db: Database, old: Sealing) -> int:
    """Seal what ``old`` sealed under the key that ``db`` is open with; how many citizens.

    All in one transaction; what is sealed under the new key already is left alone, so it can be
    done again after a power cut. Raises :class:`StoreError`.
    """
    changed = 0
    with db.transaction():
        for row in db.rows(f"SELECT id, {', '.join(COLUMNS)} FROM citizen"):  # noqa: S608 -- ours
            values = {
                column: db.sealing.seal(old.open(row[column], row["id"], column), row["id"], column)
                for column in COLUMNS
                if row[column] is not None and row[column][:_ID] == old.id
            }
            if values:
                changes = ", ".join(f"{column} = :{column}" for column in values)
                statement = f"UPDATE citizen SET {changes} WHERE id = :id"  # noqa: S608 -- ours
                changed += db.execute(statement, values | {"id": row["id"]})
    return changed


def _place(citizen: str, column: str) -> bytes:
    return f"citizen/{citizen}/{column}".encode()
