"""Models on LiteRT: each file is checked against ``models/manifest.toml`` before it runs."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

import kiosk
from kiosk.errors import ModelError

try:
    from ai_edge_litert.interpreter import Interpreter
except ImportError:  # the package's older name, still installed on some boards
    from tflite_runtime.interpreter import Interpreter  # pyright: ignore[reportMissingImports]

Tensor = NDArray[np.float32]

_MANIFEST = "manifest.toml"
_REBUILD = "scripts/models.sh"


class ModelFile(BaseModel):
    """One entry of the manifest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    """What the model is for; code asks for it by this name."""
    file: str
    """Name inside the models folder."""
    sha256: str
    bytes: int
    source: str
    """Registry package, version and path the file was taken or made from."""


class _Manifest(BaseModel):
    model: tuple[ModelFile, ...]


class Models:
    """The folder of model files.

    ``folder`` defaults to ``$KIOSK_MODELS``, else to ``models/`` beside the ``kiosk`` package.
    Raises :class:`~kiosk.errors.ModelError` when the manifest is missing or unreadable.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()
        self.files = {entry.id: entry for entry in _manifest(self.folder / _MANIFEST)}

    def content(self, model_id: str) -> bytes:
        """The bytes of a model, verified.

        Raises :class:`~kiosk.errors.ModelError` when the file is missing, or is not the one the
        manifest names, or when the manifest names none.
        """
        if model_id not in self.files:
            raise ModelError("model_corrupt", file=self.folder / _MANIFEST, command=_REBUILD)
        entry = self.files[model_id]
        path = self.folder / entry.file
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError("model_missing", file=path, command=_REBUILD) from error
        if hashlib.sha256(content).hexdigest() != entry.sha256:
            raise ModelError("model_corrupt", file=path, command=_REBUILD)
        return content

    def net(self, model_id: str) -> Net:
        """A verified model, ready to run. Raises as :meth:`content` does."""
        return Net(self.content(model_id))

    def verify(self) -> None:
        """Check every file. Raises as :meth:`content` does, for the first that is wrong."""
        for model_id in self.files:
            self.content(model_id)


@dataclass(frozen=True, slots=True)
class _Output:
    name: str
    index: int


class Net:
    """One model with one float32 input, run on one thread.

    Two threads were seen thirty times slower than one on two busy cores.
    """

    def __init__(self, content: bytes) -> None:
        with _native_stderr_closed():
            self._interpreter: Any = Interpreter(model_content=content, num_threads=1)
            self._interpreter.allocate_tensors()
        (entry,) = self._interpreter.get_input_details()
        self._input: int = entry["index"]
        self.shape: tuple[int, ...] = tuple(int(n) for n in entry["shape"][1:])
        """Shape of the input without the batch of one."""
        self._outputs = [
            _Output(detail["name"], detail["index"])
            for detail in self._interpreter.get_output_details()
        ]

    def __call__(self, tensor: Tensor) -> dict[str, Tensor]:
        """Run on one input of :attr:`shape`; outputs by name, each without the batch of one.

        Raises :class:`ValueError` for another shape or type: LiteRT itself would reshape, or
        read past the end of, what it is given.
        """
        if tensor.shape != self.shape or tensor.dtype != np.float32:
            raise ValueError(f"want float32 {self.shape}, got {tensor.dtype} {tensor.shape}")
        self._interpreter.set_tensor(self._input, tensor[np.newaxis])
        self._interpreter.invoke()
        return {o.name: self._interpreter.get_tensor(o.index)[0] for o in self._outputs}


def default_folder() -> Path:
    """``$KIOSK_MODELS``, else ``models/`` beside the ``kiosk`` package (a clone or a wheel)."""
    named = os.environ.get("KIOSK_MODELS")
    return Path(named) if named else Path(cast("str", kiosk.__file__)).parent.parent / "models"


def _manifest(path: Path) -> tuple[ModelFile, ...]:
    try:
        return _Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).model
    except OSError as error:
        raise ModelError("model_missing", file=path, command=_REBUILD) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ModelError("model_corrupt", file=path, command=_REBUILD) from error


@contextlib.contextmanager
def _native_stderr_closed() -> Iterator[None]:
    """Hide the line LiteRT writes for each model; its faults arrive as exceptions."""
    kept, silent = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silent, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silent)
