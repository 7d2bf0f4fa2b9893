// What this process does for a line magic: the kernel process has read the line and answers its
// call with an action.
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { types } from 'node:util'
import { Reflect } from '../../api/primordials.ts'
import type { MagicAction, MagicUse } from '../runtime.ts'
import type { Autoreload } from './autoreload.ts'
import type { Calls } from './calls.ts'
import { bindExports, forgetNames } from './declarations.ts'
import { domText } from './dom-text.ts'
import { namesText } from './declared-names.ts'
import type { Modules } from './modules.ts'
import type { Results } from './results.ts'
import type { OutputWriter } from './streams.ts'
import { settled } from './user-promises.ts'

const QUESTION = 'Remove all names that cells declared? They cannot be recovered. y/[n] '

export interface ActionParts {
  autoreload: Autoreload
  calls: Calls
  modules: Modules
  results: Results
  writer: OutputWriter
  /** Names of the kernel and their values. */
  kernels: Readonly<Record<string, unknown>>
  /** Calls the function of a magic that the notebook made. */
  useMagic: (use: MagicUse) => unknown
}

export class MagicActions {
  readonly #parts: ActionParts
  #runs = 0

  constructor(parts: ActionParts) {
    this.#parts = parts
  }

  get useMagic(): (use: MagicUse) => unknown {
    return this.#parts.useMagic
  }

  /** Does nothing for a magic that is done already. @returns The magic's value, in an object. */
  async act(answer: unknown): Promise<{ value: unknown }> {
    if (!isAction(answer)) return { value: undefined }
    const { modules, useMagic, writer } = this.#parts
    switch (answer.action) {
      case 'folder':
        process.chdir(answer.folder)
        break
      case 'variable':
        setVariable(answer.name, answer.value)
        break
      case 'names':
        writer.text(1, namesText(answer.types, answer.detailed))
        break
      case 'reset':
        await this.#reset(answer.force)
        break
      case 'run':
        await this.#run(answer.path, answer.args)
        break
      case 'dom':
        writer.text(1, domText(answer.state, modules.packages))
        break
      case 'autoreload':
        this.#autoreload(answer.isOn)
        break
      case 'packages':
        this.#renewPackages()
        break
      case 'use':
        return valueOf(useMagic(answer.use))
    }
    return { value: undefined }
  }

  #autoreload(isOn: boolean | undefined): void {
    const { autoreload, writer } = this.#parts
    if (isOn !== undefined) autoreload.isOn = isOn
    else writer.text(1, `%autoreload is ${autoreload.isOn ? 'on' : 'off'}\n`)
  }

  #renewPackages(): void {
    const { modules, writer } = this.#parts
    const names = modules.renewPackages()
    if (names.length === 0) return
    writer.text(1, `Import again to use what changed: ${names.join(', ')}\n`)
  }

  async #reset(force: boolean): Promise<void> {
    const { calls, kernels, results, writer } = this.#parts
    const said = force ? 'y' : await calls.call('input', { prompt: QUESTION, password: false })
    if (said !== 'y' && said !== 'Y' && said !== 'yes') {
      writer.text(1, 'Nothing was removed.\n')
      return
    }
    forgetNames(kernels)
    results.clear()
    await calls.call('names_removed', {})
  }

  /** As a module of its own, under a new address each time, so that it is loaded anew. */
  async #run(path: string, args: readonly string[]): Promise<void> {
    const { modules } = this.#parts
    Reflect.deleteProperty(modules.require.cache, path)
    const before = process.argv
    process.argv = [process.execPath, path, ...args]
    try {
      bindExports(await modules.import(`${pathToFileURL(path).href}?run=${++this.#runs}`))
    } finally {
      process.argv = before
    }
  }
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
