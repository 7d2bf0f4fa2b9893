"""Outputs of a cell -> blocks of a post, as in ``kernel/src/capture/`` of the npm package: same cells, same posts.

Knows neither IPython nor a relay.
"""
