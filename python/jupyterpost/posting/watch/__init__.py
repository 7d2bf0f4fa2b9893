"""Watches over running cells and programs, by a process beside them that tells in the chat how they
died. See ``kernel/src/posting/cell-watch.ts``.
"""
