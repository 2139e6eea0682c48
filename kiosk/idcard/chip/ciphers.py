"""The two families of ciphers a chip may use: Triple-DES and AES (ICAO 9303-11, sections 9.7 f.).

Triple-DES and SHA-1 are what the oldest protocol (BAC) prescribes; nobody chose them here. They
protect fifteen centimetres of air for a second.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

Size = Literal[16, 24, 32]
MAC_BYTES = 8


@dataclass(frozen=True, slots=True)
class Suite:
    """One family: ``aes`` or Triple-DES, with keys of ``key_bytes``."""

    aes: bool
    key_bytes: Size = 16

    @property
    def block(self) -> int:
        """Bytes of a block."""
        return 16 if self.aes else 8

    def derived(self, secret: bytes, counter: int) -> bytes:
        """A key from a shared secret: 1 encrypts, 2 authenticates, 3 opens the nonce."""
        digest = hashlib.sha1 if self.key_bytes == 16 else hashlib.sha256
        key = digest(secret + counter.to_bytes(4, "big")).digest()[: self.key_bytes]
        return key if self.aes else with_parity(key)

    def encrypted(self, key: bytes, plain: bytes, iv: bytes | None = None) -> bytes:
        """``plain``, whole blocks, in cipher-block chaining; ``iv`` is zero by default."""
        cipher = Cipher(self._algorithm(key), modes.CBC(iv or bytes(self.block))).encryptor()
        return cipher.update(plain) + cipher.finalize()

    def decrypted(self, key: bytes, secret: bytes, iv: bytes | None = None) -> bytes:
        """The inverse of :meth:`encrypted`."""
        cipher = Cipher(self._algorithm(key), modes.CBC(iv or bytes(self.block))).decryptor()
        return cipher.update(secret) + cipher.finalize()

    def vector(self, key: bytes, counter: bytes) -> bytes:
        """The initial vector of a message (ICAO 9303-11, section 9.8.4)."""
        return self.encrypted(key, counter) if self.aes else bytes(self.block)

    def mac(self, key: bytes, message: bytes) -> bytes:
        """Eight bytes that only holders of ``key`` can make of ``message``, of any length."""
        return self.mac_of_blocks(key, message if self.aes else padded(message, 8))

    def mac_of_blocks(self, key: bytes, blocks: bytes) -> bytes:
        """The same of whole blocks, which need no padding any more."""
        if self.aes:
            code = CMAC(AES(key))
            code.update(blocks)
            return code.finalize()[:MAC_BYTES]
        return _retail_mac(key, blocks)

    def _algorithm(self, key: bytes) -> CipherAlgorithm:
        return AES(key) if self.aes else TripleDES(key + key[:8])


TRIPLE_DES = Suite(aes=False)


def padded(data: bytes, block: int) -> bytes:
    """Filled up to whole blocks (ISO/IEC 9797-1, padding method 2)."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


def unpadded(data: bytes) -> bytes | None:
    """The inverse of :func:`padded`; ``None`` when it was not padded."""
    bare = data.rstrip(b"\0")
    return bare[:-1] if bare[-1:] == b"\x80" else None


def with_parity(key: bytes) -> bytes:
    """Each byte with its lowest bit such that the number of ones is odd, as DES wants."""
    return bytes((byte & 0xFE) | (byte >> 1).bit_count() % 2 ^ 1 for byte in key)


def _retail_mac(key: bytes, blocks: bytes) -> bytes:
    """ISO/IEC 9797-1, MAC algorithm 3: DES with one key, the last block with both."""
    first, second = key[:8], key[8:16]
    last = _des(first).encryptor().update(blocks)[-8:]
    return _des(first).encryptor().update(_des(second).decryptor().update(last))


def _des(key: bytes) -> Cipher[modes.CBC]:
    """Single DES, which is Triple-DES with three equal keys."""
    return Cipher(TripleDES(key * 3), modes.CBC(bytes(8)))
