// Tells the kernel process which variables may hold secrets, so that posts mask their values:
// strings of top-level names and of the environment, which a cell may have loaded from a file.
// Data properties only: no getter and no proxy trap runs.
import process from 'node:process'
import { Object, Reflect, Set, realm } from '../../api/primordials.ts'
import { declaredNames } from './declarations.ts'
import type { OutputWriter } from './streams.ts'

/** Wider than the rule that the kernel process applies. */
const NAME = /token|secret|password|key/i
/** UTF-16 units of a value; longer ones are documents, not secrets. */
const LONGEST = 64 * 1024

const environment = process.env

export class SecretVariables {
  readonly #writer: OutputWriter
  /** Each value is told once, so that a loop of posts costs only a look at the names. */
  readonly #told = new Set<string>()

  /** Top-level names that may be secret, among the first `looked` names. */
  readonly #names: string[] = []
  #looked = 0

  constructor(writer: OutputWriter) {
    this.#writer = writer
  }

  /** Call it before each message after which a post may be made. */
  report(): void {
    const variables: Array<{ name: string; value: string }> = []
    // Listing all names of the global object takes milliseconds after a thousand cells.
    for (; this.#looked < declaredNames.length; this.#looked++) {
      const name = declaredNames[this.#looked]
      if (name !== undefined && NAME.test(name)) this.#names.push(name)
    }
    const places: ReadonlyArray<readonly [object, readonly string[]]> = [
      [realm, this.#names],
      [environment, Object.getOwnPropertyNames(environment)],
    ]
    for (const [holder, names] of places) {
      for (const name of names) {
        if (!NAME.test(name)) continue
        const value: unknown = Reflect.getOwnPropertyDescriptor(holder, name)?.value
        if (typeof value !== 'string' || value.length > LONGEST) continue
        if (this.#told.has(`${name}=${value}`)) continue
        variables.push({ name, value })
      }
    }
    if (variables.length === 0) return
    this.#writer.send({ type: 'variables', variables })
    // Only afterwards: an interrupt may end this code anywhere.
    for (const { name, value } of variables) this.#told.add(`${name}=${value}`)
  }
}
