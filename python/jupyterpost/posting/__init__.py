"""``post()`` and the way of a post to its relay, as in ``post/`` of the npm package: client, spool, local relay, secrets.

Knows no IPython; everything is the standard library. A sentence that a person sees is the same on both sides.
"""
