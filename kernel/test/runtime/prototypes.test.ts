// The rule of `child/kernel-realm.ts`: whichever method of a built-in or of Node's classes a cell
// breaks, later cells are answered.
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

/** Tests each twelfth method in CI, all with JUPYTERPOST_STRESS=full. */
const STEP = process.env['JUPYTERPOST_STRESS'] === 'full' ? 1 : 12
/** Methods that people break by mistake, or polyfill. */
const ALWAYS = new RegExp(
  '^(?:Array|Promise|Object|Function|Map|EventEmitter|Buffer)\\.prototype\\.|Symbol\\(Symbol\\.iterator\\)|^RegExp\\.prototype\\.exec|^String\\.prototype\\.(?:slice|replace|split)',
)

/** Lists the methods and accessors of all built-in prototypes; breaks one by index, mends it. */
const SABOTAGE = `
  globalThis.sabotage = (() => {
    const { ownKeys, getOwnPropertyDescriptor, defineProperty, getPrototypeOf } = Reflect
    const holders = []
    const add = (name, holder) => {
      if (holder && (typeof holder === 'object' || typeof holder === 'function') && !holders.some(([, one]) => one === holder)) holders.push([name, holder])
    }
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      if (/^[A-Z]/.test(name)) add(name + '.prototype', globalThis[name]?.prototype)
    }
    add('Promise', Promise); add('Object', Object); add('Reflect', Reflect); add('JSON', JSON); add('Array', Array)
    add('TypedArray.prototype', getPrototypeOf(Uint8Array.prototype))
    add('ArrayIterator.prototype', getPrototypeOf([][Symbol.iterator]()))
    add('MapIterator.prototype', getPrototypeOf(new Map().entries()))
    add('StringIterator.prototype', getPrototypeOf(''[Symbol.iterator]()))
    add('Generator.prototype', getPrototypeOf(getPrototypeOf((function* () {})())))
    const { Readable, Writable, Duplex } = require('node:stream')
    add('EventEmitter.prototype', require('node:events').prototype)
    add('Readable.prototype', Readable.prototype); add('Writable.prototype', Writable.prototype); add('Duplex.prototype', Duplex.prototype)
    add('Socket.prototype', require('node:net').Socket.prototype)
    add('AsyncLocalStorage.prototype', require('node:async_hooks').AsyncLocalStorage.prototype)
    add('Serializer.prototype', require('node:v8').Serializer.prototype)
    add('Script.prototype', require('node:vm').Script.prototype); add('ContextifyScript.prototype', getPrototypeOf(require('node:vm').Script.prototype))
    add('fs', require('node:fs')); add('util', require('node:util')); add('v8', require('node:v8')); add('process', process)
    const places = []
    for (const [name, holder] of holders) {
      for (const key of ownKeys(holder)) {
        const descriptor = getOwnPropertyDescriptor(holder, key)
        if (!descriptor.configurable || typeof descriptor.value === 'string') continue
        if (name === 'process' && typeof descriptor.value !== 'function') continue
        places.push({ name: name + '.' + String(key), holder, key, descriptor })
      }
    }
    // A name that objects lack: setting it makes everything thenable, or changes every descriptor.
    for (const key of ['then', 'get', 'set', 'value', 'toJSON', 'constructor_', 'signal', 'type']) {
      places.push({ name: 'Object.prototype.' + key, holder: Object.prototype, key, descriptor: undefined })
    }
    const broken = [
      { value: () => { throw new Error('broken') }, configurable: true, writable: true },
      { value: undefined, configurable: true, writable: true },
    ]
    let undo
    return {
      names: places.map(({ name }) => name),
      break(index, how) {
        const { holder, key, descriptor } = places[index]
        undo = () => descriptor ? defineProperty(holder, key, descriptor) : delete holder[key]
        defineProperty(holder, key, broken[how])
      },
      mend: () => undo?.(),
    }
  })(); 0`

const PROBES = [
  '1 + 1',
  'await 1; 2',
  "console.log('text')",
  "display('shown')",
  "throw new Error('expected')",
]
const runtimes: TestRuntime[] = []
const started = (): TestRuntime => {
  const runtime = new TestRuntime()
  runtimes.push(runtime)
  return runtime
}
const names: string[] = []

beforeAll(async () => {
  const notebook = started()
  await notebook.run(SABOTAGE)
  const text = await notebook.result('JSON.stringify(sabotage.names)')
  const listed: unknown = JSON.parse(String(text).slice(1, -1).replaceAll("\\'", "'"))
  if (Array.isArray(listed)) names.push(...listed.map(String))
})
afterAll(() => Promise.all(runtimes.map((runtime) => runtime.close())))

test('the list has what the runtime is made of', () => {
  expect(names.length).toBeGreaterThan(1000)
  expect(names).toEqual(
    expect.arrayContaining([
      'Array.prototype.push',
      'Promise.prototype.then',
      'Function.prototype.call',
      'Buffer.prototype.write',
      'EventEmitter.prototype.emit',
      'RegExp.prototype.exec',
      'TypedArray.prototype.Symbol(Symbol.iterator)',
    ]),
  )
})

test('each cell after one that broke a method of a built-in is answered, and 1 + 1 is 2', async () => {
  const chosen = names.flatMap((name, index) =>
    index % STEP === 0 || ALWAYS.test(name) ? [index] : [],
  )
  const failures: string[] = []
  const work = async (): Promise<void> => {
    let notebook = started()
    await notebook.run(SABOTAGE)
    for (let index = chosen.pop(); index !== undefined; index = chosen.pop()) {
      for (const how of [0, 1]) {
        const said = await probe(notebook, index, how)
        if (said !== undefined && said !== BEYOND_REPAIR)
          failures.push(`${names[index]} (${how}): ${said}`)
        if (notebook.lost.length > 0 || said !== undefined) {
          void notebook.close()
          notebook = started()
          await notebook.run(SABOTAGE)
        }
      }
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  expect(failures).toEqual([])
}, 600_000)

/** Cells are answered, but none can mend it. */
const BEYOND_REPAIR = 'beyond repair'

/** Undefined if all is well, also for a runtime that was replaced and said so. */
async function probe(
  notebook: TestRuntime,
  index: number,
  how: number,
): Promise<string | undefined> {
  const first = await timed(notebook.run(`sabotage.break(${index}, ${how}); 0`))
  if (first === undefined) return 'the cell itself was not answered'
  for (const source of PROBES) {
    const outcome = await timed(notebook.run(source))
    if (outcome === undefined) return `no answer to ${source}`
    if (outcome.status === 'error' && outcome.error.ename === 'RuntimeLostError') {
      return `replaced at ${source}: ${outcome.error.evalue}`
    }
    // Replacing a method of `process` itself is intended: Node's own calls of it fail, and the cell
    // says so.
    const isPlain =
      (source === '1 + 1' || source.startsWith('await')) &&
      names[index]?.startsWith('process.') !== true
    if (isPlain && outcome.status === 'error') return `${source}: ${outcome.error.evalue}`
    if (source.startsWith('throw') && outcome.status === 'ok') return 'no error'
  }
  const mended = await timed(notebook.run('sabotage.mend(); 0'))
  if (mended === undefined) return 'no answer to the end'
  return mended.status === 'error' ? BEYOND_REPAIR : undefined
}

/** ms; only a mute runtime takes longer. */
const PATIENCE = 10_000

async function timed<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(resolve, PATIENCE, undefined)
  const value = await Promise.race([promise, late])
  clearTimeout(timer)
  return value
}
