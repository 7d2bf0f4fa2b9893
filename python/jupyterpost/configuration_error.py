"""The error that an admin sees when the Hub's configuration cannot work."""


class ConfigurationError(ValueError):
    """Says in one sentence what was expected, what was found and what to do."""
