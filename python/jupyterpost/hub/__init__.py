"""What an admin calls in ``jupyterhub_config.py``. Runs in the Hub's Python; knows nothing of
posting.
"""

from .configure import configure_jupyterhub

__all__ = ["configure_jupyterhub"]
