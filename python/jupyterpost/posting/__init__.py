"""``post()``, and how a post gets to its relay: client, spool, local relay and secrets.

The same as ``post/`` of the npm package, with the same sentences for people. Knows no IPython and
needs only the standard library.
"""
