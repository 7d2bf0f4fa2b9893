// What this process does for a line magic: the kernel process has read the line and answers its
// call with an action.
import process from 'node:process'
import { types } from 'node:util'
import { Reflect } from '../../api/primordials.ts'
import type { MagicAction, MagicUse } from '../runtime.ts'
import { settled } from './user-promises.ts'

/** Calls the function of a magic that the notebook made. */
export type UseMagic = (use: MagicUse) => unknown

/** Does nothing for a magic that is done already. @returns The value of the magic, in an object. */
export async function act(answer: unknown, useMagic: UseMagic): Promise<{ value: unknown }> {
  if (isAction(answer)) {
    switch (answer.action) {
      case 'folder':
        process.chdir(answer.folder)
        break
      case 'variable':
        setVariable(answer.name, answer.value)
        break
      case 'use':
        return valueOf(useMagic(answer.use))
    }
  }
  return { value: undefined }
}

export async function valueOf(value: unknown): Promise<{ value: unknown }> {
  return types.isPromise(value) ? settled(value) : { value }
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
