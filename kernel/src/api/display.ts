// `display(value)` and its relatives: they show values while a cell runs, and update them.
import { randomUUID } from 'node:crypto'
import { types } from 'node:util'
import type { DisplayContent, MimeBundle } from '../protocol/mimebundle.ts'
import { bridge } from './bridge.ts'
import { Map, Object, TypeError, WeakSet } from './primordials.ts'

export interface DisplayOptions {
  /** `value` is a mimebundle, shown as it is. */
  raw?: boolean
  /** All displays of one id are updated together. */
  id?: string
  /** The same as `id`, by its name in other kernels; `true` makes a new one. */
  display_id?: string | boolean
  /** Replaces what every display with this id shows, instead of showing one more. */
  update?: boolean
  /** Per mime type. */
  metadata?: Record<string, unknown>
}

export interface DisplayHandle {
  readonly id: string
  /** Replaces what every display with this id shows. A promise is shown by its value. */
  update(value: unknown, options?: Pick<DisplayOptions, 'raw' | 'metadata'>): void
  /** Empties the place. */
  clear(): void
}

export interface Display {
  (value: unknown, options?: DisplayOptions): DisplayHandle
  /** Shows each; returns the last one's handle. A last argument of `DisplayOptions` is for all. */
  (...values: [unknown, unknown, ...rest: unknown[]]): DisplayHandle
  html(text: string): DisplayHandle
  markdown(text: string): DisplayHandle
  latex(text: string): DisplayHandle
  svg(text: string): DisplayHandle
  json(value: unknown): DisplayHandle
  /** Bytes or base64. */
  png(image: Uint8Array | string): DisplayHandle
  /** Bytes or base64. */
  jpeg(image: Uint8Array | string): DisplayHandle
}

/** Handles: a cell that ends in `display(x)` shows x, not the handle too. */
const handles = new WeakSet<object>()

export function isDisplayHandle(value: unknown): boolean {
  return typeof value === 'object' && value !== null && handles.has(value)
}

type OutputType = 'display_data' | 'update_display_data'

function showAll(...args: unknown[]): DisplayHandle {
  const last = args[args.length - 1]
  // `display(value, undefined)` means no options: wrappers pass them on like this. After a second
  // value it is a value.
  const hasOptions = args.length > 1 && isOptions(last) && (last !== undefined || args.length === 2)
  const options = hasOptions ? last : {}
  const count = hasOptions ? args.length - 1 : args.length
  let handle = show(args[0], options)
  for (let index = 1; index < count; index++) handle = show(args[index], options)
  return handle
}

type Check = (value: unknown) => boolean

const isString: Check = (value) => typeof value === 'string'
const isFlag: Check = (value) => typeof value === 'boolean'

const OPTIONS = new Map<string, Check>([
  ['raw', isFlag],
  ['id', isString],
  ['display_id', (value) => isString(value) || isFlag(value)],
  ['update', isFlag],
  ['metadata', (value) => typeof value === 'object' && value !== null],
])

/** Values may follow a value: options are recognised by their keys, and the types of these. */
function isOptions(value: unknown): value is DisplayOptions | undefined {
  if (value === undefined) return true
  if (!isPlainObject(value)) return false
  return Object.entries(value).every(
    ([key, item]) => item === undefined || OPTIONS.get(key)?.(item) === true,
  )
}

function idOf({ id, display_id, update }: DisplayOptions): string {
  const given = id ?? (typeof display_id === 'string' ? display_id : undefined)
  if (update === true && given === undefined) {
    throw new TypeError(
      'display with update replaces what was shown: name it, display(value, { display_id: "mine", update: true })',
    )
  }
  return given ?? randomUUID()
}

function show(value: unknown, options: DisplayOptions = {}): DisplayHandle {
  const id = idOf(options)
  // A value that takes time to show (a promise, a Blob) is shown before its updates.
  let last = send(
    options.update === true ? 'update_display_data' : 'display_data',
    value,
    id,
    options,
  )
  const update = (next: unknown, nextOptions: DisplayOptions) => {
    const run = () => send('update_display_data', next, id, nextOptions)
    last = last ? bridge('display').track(last.then(run)) : run()
  }
  const handle: DisplayHandle = {
    id,
    update: (next, nextOptions = {}) => update(next, nextOptions),
    clear: () => update({ 'text/plain': '' }, { raw: true }),
  }
  handles.add(handle)
  return handle
}

/** Undefined if it was sent; else a promise that the cell waits for, whose failure is its own. */
function send(
  type: OutputType,
  value: unknown,
  id: string,
  options: DisplayOptions,
): Promise<void> | undefined {
  const runtime = bridge('display')
  const emit = (content: DisplayContent) => {
    const metadata = { ...content.metadata, ...options.metadata }
    runtime.output({
      type,
      content: { data: content.data, metadata, transient: { display_id: id } },
    })
  }
  if (types.isPromise(value)) {
    return runtime.track(value.then((settled) => send(type, settled, id, options)))
  }
  if (options.raw === true || isMimeBundle(value)) {
    if (typeof value !== 'object' || value === null) {
      throw new TypeError('display with raw takes an object: { "text/html": "<b>hi</b>" }')
    }
    emit({ data: withText(runtime.normalize(value)), metadata: {} })
    return undefined
  }
  const content = runtime.bundle(value)
  if ('then' in content) return runtime.track(content.then(emit))
  emit(content)
  return undefined
}

/** A plain object all of whose keys are mime types. */
function isMimeBundle(value: unknown): value is MimeBundle {
  if (!isPlainObject(value)) return false
  const keys = Object.keys(value)
  return (
    keys.length > 0 &&
    keys.every((key) => /^(text|image|application|audio|video)\/[\w.+-]+$/.test(key))
  )
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** UTF-16 units of HTML also kept as text. A page of scripts would double what clients keep. */
const READABLE = 10_000

/** Every bundle gets text/plain: posts, and front ends without the rich type, fall back to it. */
function withText(data: MimeBundle): MimeBundle {
  const [first] = Object.entries(data)
  if ('text/plain' in data || !first) return data
  const [mimetype, shown] = first
  const isText =
    typeof shown === 'string' &&
    mimetype.startsWith('text/') &&
    (mimetype !== 'text/html' || shown.length <= READABLE)
  return { 'text/plain': isText ? shown : `[${mimetype}]`, ...data }
}

const raw = (mimetype: string) => (value: unknown) => show({ [mimetype]: value }, { raw: true })

export const display: Display = Object.assign(showAll, {
  html: raw('text/html'),
  markdown: raw('text/markdown'),
  latex: raw('text/latex'),
  svg: raw('image/svg+xml'),
  json: (value: unknown) =>
    show({ 'application/json': bridge('display').json(value) }, { raw: true }),
  png: raw('image/png'),
  jpeg: raw('image/jpeg'),
})

/** Removes what the cell showed; `wait` or `true`: only once it shows more, to avoid flicker. */
export function clearOutput(options: boolean | { wait?: boolean } = {}): void {
  const wait = typeof options === 'boolean' ? options : options.wait === true
  bridge('clearOutput').output({ type: 'clear_output', wait })
}
