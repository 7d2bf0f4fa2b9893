"""papermill's way to TypeScript notebooks. papermill loads this package by its entry point ``papermill.engine`` whenever it starts."""

from .translator import Engine, TypeScriptTranslator

__all__ = ["Engine", "TypeScriptTranslator"]
