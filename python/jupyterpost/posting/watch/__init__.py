"""What keeps a running cell or program under watch, and the process beside it that tells in the chat
how it died. The TypeScript kernel does the same in ``kernel/src/posting/cell-watch*.ts``.
"""
