"""Which variables are secret: those whose name says so. Their values are masked wherever they
appear, whatever they look like. See ``post/secrets/values.ts``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from ..contract import read
from .text_units import BLANK, units

#: (name of the variable, which the mask shows; value)
SecretValue = tuple[str, str]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ASSIGNMENT = re.compile(
    r"(?<![\w$])([A-Za-z_$][\w$]{0,100})(?:\s{0,3}:\s{0,3}\w{1,40})?\s{0,3}=\s{0,3}(['\"`])([^'\"`\\\n]{8,4000})\2", re.ASCII
)


@lru_cache(maxsize=None)
def secret_rules() -> dict[str, Any]:
    """How secrets look and what their variables are called. Read when the first post is masked."""
    return read("secret-shapes")


def is_secret_name(name: str) -> bool:
    """TOKEN, SECRET, PASSWORD or KEY as a whole word: ``API_KEY``, ``apiKey``; not ``monkey``,
    ``tokenizer``.
    """
    names = secret_rules()["names"]
    return any(word.lower() in names for word in _WORD.findall(name))


def secret_values(variables: Iterable[SecretValue]) -> list[SecretValue]:
    """The values that are masked, longest first, because one may contain another."""
    # Shorter values are words that may appear in any text: PASSWORD=test.
    shortest = secret_rules()["shortestValue"]
    by_value: dict[str, SecretValue] = {}
    for name, untrimmed in variables:
        value = untrimmed.strip(BLANK)
        if units(value) >= shortest and value not in by_value and is_secret_name(name):
            by_value[value] = (name, value)
    return sorted(by_value.values(), key=lambda variable: -len(variable[1]))


def assigned_variables(source: str) -> list[SecretValue]:
    """``NAME = 'value'`` in source code, even in a cell that failed before it reached that line."""
    return [(match[1], match[3]) for match in _ASSIGNMENT.finditer(source)]
