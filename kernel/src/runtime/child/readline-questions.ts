// `node:readline` on the notebook's `process.stdin`: `question` (with a callback, as a promise) and `for await (const line of rl)` ask by
// the input box. Interfaces on other streams are Node's own.
import { syncBuiltinESMExports } from 'node:module'
import process from 'node:process'
import readline from 'node:readline'
import readlinePromises from 'node:readline/promises'
import { promisify, types } from 'node:util'
import { input } from '../../api/input.ts'
import { Promise, Reflect, String, Symbol } from '../../api/primordials.ts'
import { AskedInput, lineOrEnd } from './asked-input.ts'

interface QuestionOptions {
  signal?: AbortSignal | undefined
}

type Callback = (answer: string) => void
type Interface = readline.Interface | readlinePromises.Interface
type Create = (...args: unknown[]) => Interface

/** `moveByReadline`: makes the module move the cursors of the standard streams. */
export function askByReadline(moveByReadline: (module: object) => void): void {
  moveByReadline(readline)
  install(readline, (rl) => questionWithCallback(rl))
  install(readlinePromises, (rl) => questionAsPromise(rl))
  syncBuiltinESMExports()
}

function install(module: object, questionOf: (rl: Interface) => unknown): void {
  const create: unknown = Reflect.get(module, 'createInterface')
  if (!isCreate(create)) return
  Reflect.set(module, 'createInterface', (...args: unknown[]): Interface => {
    const options = optionsOf(args)
    if (!(options['input'] instanceof AskedInput)) return create(withoutEcho(options))
    // Its listeners are those of the interface, always there: whether a line is wanted is the interface's to say.
    const source: AskedInput = new AskedInput(() => !isClosed(rl) && rl.listenerCount('line') > 0)
    const rl: Interface = create({ ...options, input: source, terminal: false })
    rl.on('newListener', () => source.wake())
    define(rl, 'question', questionOf(rl))
    define(rl, Symbol.asyncIterator, () => linesOf(rl))
    return rl
  })
}

function isCreate(value: unknown): value is Create {
  return typeof value === 'function'
}

/** Given as one object, or one after the other. */
function optionsOf([first, output, completer, terminal]: unknown[]): Record<string, unknown> {
  const isOptions = typeof first === 'object' && first !== null && !('on' in first)
  return isOptions ? { ...first } : { input: first, output, completer, terminal }
}

/** The lines of a file would be typed into what is taken for a terminal, with its cursor. */
function withoutEcho(options: Record<string, unknown>): Record<string, unknown> {
  const isOurs = options['output'] === process.stdout || options['output'] === process.stderr
  return isOurs && options['terminal'] === undefined ? { ...options, terminal: false } : options
}

function define(holder: object, name: PropertyKey, value: unknown): void {
  Reflect.defineProperty(holder, name, { value, writable: true, configurable: true })
}

function isClosed(rl: Interface): boolean {
  return Reflect.get(rl, 'closed') === true
}

function questionAsPromise(rl: Interface) {
  const refuse = refusalOf(rl)
  return async (query: unknown, { signal }: QuestionOptions = {}): Promise<string> => {
    // Asked in the same turn, as long as nothing is wrong: the cell ends after it.
    const refused = refuse()
    if (refused) await refused
    return untilAborted(input(String(query)), signal)
  }
}

/** A question that fails has nobody to tell but the cell. */
function questionWithCallback(rl: Interface) {
  const refuse = refusalOf(rl)
  const ask = questionAsPromise(rl)
  const question = (query: unknown, ...rest: [Callback] | [QuestionOptions, Callback]): void => {
    const [options, callback] = rest.length === 1 ? [{}, rest[0]] : rest
    void refuse()
    const run = async () => callback(await ask(query, options))
    if (options.signal?.aborted !== true) void run().catch(unlessAborted(options))
  }
  define(question, promisify.custom, ask)
  return question
}

/** Throws what Node throws when the interface is closed, or rejects with it. */
function refusalOf(rl: Interface): () => void | Promise<void> {
  const question: unknown = Reflect.get(rl, 'question')
  return () => {
    if (!isClosed(rl) || typeof question !== 'function') return undefined
    const refused: unknown = Reflect.apply(question, rl, [''])
    return types.isPromise(refused) ? refused.then(() => undefined) : undefined
  }
}

function unlessAborted({ signal }: QuestionOptions) {
  return (error: unknown): void => {
    if (signal?.aborted !== true) throw error
  }
}

function untilAborted(answer: Promise<string>, signal: AbortSignal | undefined): Promise<string> {
  if (!signal) return answer
  const aborted = new Promise<never>((_resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
  return Promise.race([answer, aborted])
}

async function* linesOf(rl: Interface): NodeJS.AsyncIterator<string, undefined> {
  while (!isClosed(rl)) {
    const line = await lineOrEnd()
    if (line === undefined) break
    yield line
  }
  return undefined
}
