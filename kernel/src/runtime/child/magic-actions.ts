// What this process does for a line magic: the kernel process has read the line and answers its
// call with an action.
import process from 'node:process'
import { Reflect } from '../../api/primordials.ts'
import type { MagicAction } from '../runtime.ts'

/** Does nothing for a magic that is done already. */
export function act(answer: unknown): void {
  if (!isAction(answer)) return
  switch (answer.action) {
    case 'folder':
      process.chdir(answer.folder)
      return
    case 'variable':
      setVariable(answer.name, answer.value)
  }
}

/** A cell may have replaced `process.env`. */
function setVariable(name: string, value: string | undefined): void {
  const holder: unknown = process.env
  if (typeof holder !== 'object' || holder === null) return
  if (value === undefined) Reflect.deleteProperty(holder, name)
  else Reflect.set(holder, name, value)
}

/** The kernel process is our own code: what has an action is one. */
function isAction(answer: unknown): answer is MagicAction {
  return typeof answer === 'object' && answer !== null && 'action' in answer
}
