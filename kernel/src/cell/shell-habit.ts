// `!ls` as in other kernels: here a blank must follow the mark, because `!ready` is JavaScript.

/** @returns The line as a command; undefined if it does not begin with a mark and a word. */
export function commandOf(line: string): string | undefined {
  const [, command] = /^\s*!([\w./~$][^\n]*)$/.exec(line) ?? []
  return command?.trimEnd()
}

export function shellHint(command: string): string {
  const shown = command.length > 60 ? `${command.slice(0, 60)}…` : command
  return `To run a command, put a space after the exclamation mark: \`! ${shown}\``
}
