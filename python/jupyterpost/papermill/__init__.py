"""Support for TypeScript notebooks in papermill, which loads it by the entry point
``papermill.engine`` whenever it starts. Importing it registers the translator. Nothing else imports
it.
"""

from papermill.translators import papermill_translators

from .engine import Engine
from .translator import TypeScriptTranslator

papermill_translators.register("typescript", TypeScriptTranslator)

__all__ = ["Engine"]
