"""The way of a post to its relay, as in ``post/`` of the npm package: contract, client, spool, local relay.

Knows no IPython; everything is the standard library. A sentence that a person sees is the same on both sides.
"""
