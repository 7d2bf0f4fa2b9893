"""Writes parameters into TypeScript notebooks for papermill, which does not know TypeScript.

Values stay exact: nothing is rounded, cut or silently turned into a string.
"""

import json
import math
import re

from papermill.exceptions import PapermillException
from papermill.translators import Translator

from .parameters_cell import read_parameters

# Number.MAX_SAFE_INTEGER: beyond it a JavaScript number cannot hold every integer.
MAX_SAFE_INTEGER = 2**53 - 1

# Written as \uXXXX: what a notebook cannot store (surrogates), what ends a line (U+2028, U+2029),
# and what cannot be seen.
UNSEEN = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\uffff]")

IDENTIFIER = re.compile(r"(?!\d)[\w$]+")
# Words that cannot name a variable in a module: ECMA-262, 12.7.2 Keywords and Reserved Words.
RESERVED = frozenset(
    """arguments await break case catch class const continue debugger default delete do else
    enum eval export extends false finally for function if implements import in instanceof
    interface let new null package private protected public return static super switch this
    throw true try typeof var void while with yield""".split()
)


class TypeScriptTranslator(Translator):
    """Python values as TypeScript, and the parameters in a TypeScript cell."""

    @classmethod
    def translate_str(cls, val):
        text = json.dumps(str(val), ensure_ascii=False)
        return UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)

    # papermill uses this for a value of any other type.
    translate_escaped_str = translate_str

    @classmethod
    def translate_none(cls, val):
        return "null"

    @classmethod
    def translate_int(cls, val):
        return f"{val:d}" if abs(val) <= MAX_SAFE_INTEGER else f"{val:d}n"

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "NaN"
        if math.isinf(val):
            return "Infinity" if val > 0 else "-Infinity"
        return float.__repr__(val)

    @classmethod
    def translate_dict(cls, val):
        members = ", ".join(f"{cls.translate_key(key)}: {cls.translate(value)}" for key, value in val.items())
        return f"{{ {members} }}" if members else "{}"

    @classmethod
    def translate_key(cls, key):
        # As in the notebook's own JSON: True is "true", None is "null", 1 is "1".
        text = key if isinstance(key, str) else cls.translate(key)
        # "__proto__": ... would set the prototype.
        return '["__proto__"]' if text == "__proto__" else cls.translate_str(text)

    @classmethod
    def translate_list(cls, val):
        return f"[{', '.join(cls.translate(value) for value in val)}]"

    @classmethod
    def translate(cls, val):
        return cls.translate_list(val) if isinstance(val, tuple) else super().translate(val)

    @classmethod
    def comment(cls, cmt_str):
        lines = re.split("[\n\r\u2028\u2029]+", cmt_str)
        return "\n".join(f"// {line}".rstrip() for line in lines)

    @classmethod
    def assign(cls, name, str_val):
        """``let`` may redeclare a name of the parameters cell, and later cells may assign to it."""
        if not IDENTIFIER.fullmatch(name) or name in RESERVED:
            raise PapermillException(
                f"The parameter {name!r} cannot be a variable of TypeScript: expected letters, digits, _ and $, "
                "no digit first and no word of the language."
            )
        return f"let {name} = {str_val}"

    @classmethod
    def inspect(cls, parameters_cell):
        return read_parameters(parameters_cell["source"])
