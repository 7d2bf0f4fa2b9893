// The language service of a kernel: values from the runtime, types from TypeScript, which is loaded
// and started once the kernel is ready and idle, or when somebody asks. No cell ever waits for it.
import type {
  Diagnostic,
  LanguageOptions,
  LanguageService,
  TypedLanguageService,
} from './language.ts'
import { createReflection } from './reflection.ts'
import type { Checker } from './typescript/checker.ts'

/** ms after which it is started if no cell runs. */
const START = 300
/** What is kept of cells until their types are asked for. */
const WAITING = 500

/** For the checker, once there is one. */
interface Waiting {
  tell: (checker: Checker) => void
  drop?: () => void
}

export function languageService(options: LanguageOptions): TypedLanguageService {
  const values = createReflection(options.runtime)
  return options.env['JUPYTERPOST_TYPES'] === 'off' ? untyped(values) : typed(values, options)
}

const nothing = (): undefined => undefined

function untyped(values: LanguageService): TypedLanguageService {
  return {
    ...values,
    start: nothing,
    check: () => Promise.resolve(undefined),
    ran: nothing,
    forget: nothing,
    setPage: nothing,
    packagesChanged: nothing,
    close: async () => undefined,
  }
}

function typed(values: LanguageService, options: LanguageOptions): TypedLanguageService {
  const waiting: Waiting[] = []
  let checker: Promise<Checker> | undefined
  const get = (): Promise<Checker> => {
    clearTimeout(timer)
    checker ??= import('./typescript/checker.ts').then(({ Checker }) => {
      const made = new Checker(values, options)
      for (const { tell } of waiting.splice(0)) tell(made)
      return made
    })
    return checker
  }
  const start = (): void => {
    if (options.isBusy()) timer.refresh()
    else void get().then((one) => one.start())
  }
  const timer = setTimeout(start, START).unref()
  const tell = (one: Waiting): void => {
    if (checker) void checker.then(one.tell)
    else if (waiting.push(one) > WAITING) waiting.shift()?.drop?.()
  }
  return {
    complete: async (code, cursor) => (await get()).complete(code, cursor),
    inspect: async (code, cursor, detailLevel) => (await get()).inspect(code, cursor, detailLevel),
    start: () => void get().then((one) => one.start()),
    check(code, isAwaited) {
      const { promise, resolve } = Promise.withResolvers<Diagnostic[] | undefined>()
      tell({ tell: (one) => resolve(one.check(code, isAwaited)), drop: () => resolve(undefined) })
      return promise
    },
    ran: (code) => tell({ tell: (one) => one.ran(code) }),
    forget() {
      for (const { drop } of waiting.splice(0)) drop?.()
      void checker?.then((one) => one.forget())
    },
    setPage: (isGlobal) => tell({ tell: (one) => one.setPage(isGlobal) }),
    // One that is not there yet finds the packages itself.
    packagesChanged(folder) {
      void checker?.then((one) => one.packagesChanged(folder))
    },
    async close() {
      clearTimeout(timer)
      await (await checker)?.close()
    },
  }
}
