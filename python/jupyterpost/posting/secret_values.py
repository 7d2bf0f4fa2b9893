"""Which variables hold secrets: those whose name says so. Their values are masked wherever they show up, whatever they look
like. See ``post/secrets/values.ts``."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: (name of the variable, which the mask names; value)
SecretValue = tuple[str, str]

# Shorter ones are words that stand in any text: PASSWORD=test.
_SHORTEST = 8
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ASSIGNMENT = re.compile(
    r"(?<![\w$])([A-Za-z_$][\w$]{0,100})(?:\s{0,3}:\s{0,3}\w{1,40})?\s{0,3}=\s{0,3}(['\"`])([^'\"`\\\n]{8,4000})\2", re.ASCII
)


def is_secret_name(name: str) -> bool:
    """TOKEN, SECRET, PASSWORD or KEY as a whole word: ``API_KEY``, ``apiKey``; not ``monkey``, ``tokenizer``."""
    return any(word.lower() in ("token", "secret", "password", "key") for word in _WORD.findall(name))


def secret_values(variables: Iterable[SecretValue]) -> list[SecretValue]:
    """Those that are masked, longest first: one may contain another."""
    by_value: dict[str, SecretValue] = {}
    for name, untrimmed in variables:
        value = untrimmed.strip()
        if len(value) >= _SHORTEST and value not in by_value and is_secret_name(name):
            by_value[value] = (name, value)
    return sorted(by_value.values(), key=lambda variable: -len(variable[1]))


def assigned_variables(source: str) -> list[SecretValue]:
    """``NAME = 'value'`` of source code, also of a cell that failed before it came to that line."""
    return [(match[1], match[3]) for match in _ASSIGNMENT.finditer(source)]
