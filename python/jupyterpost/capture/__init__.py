"""Turns the outputs of a cell into blocks of a post, as ``kernel/src/capture/`` of the npm package
does: same cells, same posts.

Knows neither IPython nor a relay.
"""
