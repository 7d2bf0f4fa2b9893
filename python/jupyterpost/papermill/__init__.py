"""papermill's way to TypeScript notebooks: loaded by the entry point ``papermill.engine`` whenever papermill starts, which
registers the translator. Nothing else imports it.
"""

from papermill.translators import papermill_translators

from .engine import Engine
from .translator import TypeScriptTranslator

papermill_translators.register("typescript", TypeScriptTranslator)

__all__ = ["Engine"]
