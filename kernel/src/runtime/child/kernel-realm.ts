// The kernel's realm inside the runtime process: code that runs beside user code has built-ins of
// its own. A cell may break any prototype of its own realm (`Array.prototype.push = undefined`),
// and the code that reads the next cell does not notice.
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import process from 'node:process'
import { URL, fileURLToPath } from 'node:url'
import { SourceTextModule, SyntheticModule, constants, createContext } from 'node:vm'
import type { Module } from 'node:vm'
import { moveMessagePortToContext, receiveMessageOnPort } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { Error, Map, Object, Reflect, USER_GLOBAL, realm } from '../../api/primordials.ts'

/** A port of the kernel's realm. It is no event target of Node's, so no cell can break it. */
export interface KernelPort<Message> {
  /** Calls `listener` from now on. */
  listen(listener: (message: Message) => void): void
  post(message: string): void
  /** Takes a message that has come and was not heard yet. */
  receive(): { message: Message } | undefined
}

const receiveFrom = receiveMessageOnPort

export class KernelRealm {
  readonly #global: object
  readonly #modules = new Map<string, Module>()

  constructor() {
    // An ordinary global object: in a contextified one, interceptors would slow each access.
    this.#global = createContext(constants.DONT_CONTEXTIFY)
    Reflect.set(this.#global, USER_GLOBAL, realm)
  }

  /** Evaluates the module at `url`, and what it imports, in the kernel's realm. */
  async load(url: URL): Promise<object> {
    const module = this.#moduleAt(url.href)
    await module.link((specifier, { identifier }) =>
      specifier.startsWith('node:')
        ? this.#builtin(specifier)
        : this.#moduleAt(new URL(specifier, identifier).href),
    )
    await module.evaluate()
    return module.namespace
  }

  /**
   * Messages from this port are made of the kernel's own built-ins. They come from our own worker,
   * so they are trusted to be a `Message`.
   */
  takePort<Message>(port: MessagePort): KernelPort<Message> {
    const moved = moveMessagePortToContext(port, this.#global)
    return {
      listen(listener) {
        Reflect.set(moved, 'onmessage', (event: { data: Message }) => listener(event.data))
        moved.start()
      },
      post: (message) => moved.postMessage(message, []),
      receive: (): { message: Message } | undefined => receiveFrom(moved),
    }
  }

  #moduleAt(url: string): Module {
    const known = this.#modules.get(url)
    if (known) return known
    const file = fileURLToPath(url)
    const text = readFileSync(file, 'utf8')
    const module = new SourceTextModule(file.endsWith('.ts') ? stripTypeScriptTypes(text) : text, {
      context: this.#global,
      identifier: url,
      initializeImportMeta: (meta) => {
        meta.url = url
      },
    })
    this.#modules.set(url, module)
    return module
  }

  #builtin(specifier: string): Module {
    const known = this.#modules.get(specifier)
    if (known) return known
    const exports: unknown = process.getBuiltinModule(specifier)
    if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) {
      throw new Error(`Node has no ${specifier}`)
    }
    const values = new Map<string, unknown>([['default', exports]])
    // The getters of `process` would create streams.
    if (exports !== process) {
      for (const name of Object.keys(exports)) values.set(name, Reflect.get(exports, name))
    }
    // The current values: Node keeps the exports of its modules in step with what user code
    // puts there.
    const module = new SyntheticModule(
      [...values.keys()],
      () => {
        for (const [name, value] of values) module.setExport(name, value)
      },
      { context: this.#global, identifier: specifier },
    )
    this.#modules.set(specifier, module)
    return module
  }
}
