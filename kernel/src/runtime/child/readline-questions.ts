// `node:readline` on the notebook's `process.stdin`: `question` (with a callback or as a promise)
// and `for await (const line of rl)` ask by the input box. Other streams use Node's own.
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

/** @param moveByReadline - Makes the module move the cursors of the standard streams. */
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
    // The interface always listens to its input, so the interface tells whether a line is wanted.
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

/** Takes the options as one object, or one after the other. */
function optionsOf([first, output, completer, terminal]: unknown[]): Record<string, unknown> {
  const isOptions = typeof first === 'object' && first !== null && !('on' in first)
  return isOptions ? { ...first } : { input: first, output, completer, terminal }
}

/** Without this, lines of a file would be echoed into what Node takes for a terminal. */
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
    // Asked in the same turn if nothing is wrong: the cell ends after it.
    const refused = refuse()
    if (refused) await refused
    return untilAborted(input(String(query)), signal)
  }
}

/** Only the cell can be told of a question that fails. */
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

/** Throws, or rejects with, what Node throws when the interface is closed. */
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
