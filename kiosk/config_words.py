"""A settings file in words: what is wrong with it, and what each of its keys means."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kiosk.errors import ConfigError


def fault_in_words(
    path: Path, source: str, error: ValidationError, root: type[BaseModel]
) -> ConfigError:
    """The first fault in ``source`` with its key and line, and the keys that exist beside it.

    ``root`` is the model ``source`` was checked against.
    """
    first = error.errors(include_url=False)[0]
    reason = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return ConfigError("config_whole", file=path, reason=reason)
    return ConfigError(
        "config_unknown_key" if first["type"] == "extra_forbidden" else "config_value",
        file=path,
        key=_dotted(first),
        line=_line_of(source, first),
        reason=reason,
        known=", ".join(_known_beside(first, root)),
    )


def _dotted(error: ErrorDetails) -> str:
    parts = (f"[{part + 1}]" if isinstance(part, int) else part for part in error["loc"])
    return ".".join(parts).replace(".[", "[")


def _line_of(source: str, error: ErrorDetails) -> int:
    """Line of the offending key, or of the nearest table around it when the key is absent."""
    lines = source.splitlines()
    line = 0
    parts = list(error["loc"])
    for position, part in enumerate(parts):
        if isinstance(part, int):
            continue
        following = parts[position + 1] if position + 1 < len(parts) else None
        nth = following if isinstance(following, int) else 0
        pattern = rf"\s*(\[+\s*([\w.]+\.)?{re.escape(part)}\s*\]|{re.escape(part)}\s*[=.])"
        hits = [n for n in range(line, len(lines)) if re.match(pattern, lines[n])]
        if not hits:
            break
        line = hits[min(nth, len(hits) - 1)]
    return line + 1


def _known_beside(error: ErrorDetails, root: type[BaseModel]) -> list[str]:
    model = root
    for part in error["loc"][:-1]:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        inner = [a for a in getattr(annotation, "__args__", ()) if isinstance(a, type)]
        chosen = annotation if isinstance(annotation, type) else (inner[0] if inner else None)
        if not (isinstance(chosen, type) and issubclass(chosen, BaseModel)):
            return []
        model = chosen
    return sorted(model.model_fields)


def settings_in_words(settings: BaseModel) -> str:
    """Every key of ``settings`` with its value and meaning, one a line."""
    lines: list[str] = []
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        for number, section in enumerate(value if isinstance(value, tuple) else (value,), start=1):
            lines.append(f"[{name}]" if section is value else f"[[{name}]]  # {number}")
            for key, field in type(section).model_fields.items():
                shown = getattr(section, key)
                if isinstance(shown, tuple):
                    shown = ", ".join(map(str, shown))
                lines.append(f"  {key} = {shown}  # {field.description}")
    return "\n".join(lines)
