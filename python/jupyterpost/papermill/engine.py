"""``--engine jupyterpost``: papermill's own engine, for notebooks that do not name a language."""

from papermill.engines import NBClientEngine


class Engine(NBClientEngine):
    @classmethod
    def nb_language(cls, nb, language=None):
        places = (nb.metadata.get("language_info", {}).get("name"), nb.metadata.get("kernelspec", {}).get("language"))
        return next((name for name in (language, *places) if name), "typescript")
