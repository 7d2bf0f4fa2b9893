"""What an admin calls in ``jupyterhub_config.py``. Knows nothing of posting; runs in the Hub's Python."""

from .configure import configure_jupyterhub

__all__ = ["configure_jupyterhub"]
