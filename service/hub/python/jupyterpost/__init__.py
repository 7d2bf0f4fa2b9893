"""jupyterpost: post from a JupyterHub to its chat.

``configure_jupyterhub`` is for the Hub's configuration, ``post`` for everyone's Python.
"""

from .client import PostError, post
from .errors import ConfigurationError
from .hub import configure_jupyterhub

__version__ = "0.1.0"

__all__ = ["ConfigurationError", "PostError", "configure_jupyterhub", "post"]
