// The language service of a kernel: values from the runtime, types from TypeScript, which is loaded
// and started once the kernel is ready and idle, or when somebody asks. No cell ever waits for it.
import type { LanguageOptions, LanguageService, TypedLanguageService } from './language.ts'
import { createReflection } from './reflection.ts'
import type { Checker } from './typescript/checker.ts'

/** ms after which it is started if no cell runs. */
const START = 300
/** Cells kept until their types are asked for. */
const WAITING = 500

export function languageService(options: LanguageOptions): TypedLanguageService {
  const values = createReflection(options.runtime)
  return options.env['JUPYTERPOST_TYPES'] === 'off' ? untyped(values) : typed(values, options)
}

function untyped(values: LanguageService): TypedLanguageService {
  return {
    ...values,
    ran: () => undefined,
    filesChanged: () => undefined,
    forget: () => undefined,
    close: async () => undefined,
  }
}

function typed(values: LanguageService, options: LanguageOptions): TypedLanguageService {
  const waiting: string[] = []
  let checker: Promise<Checker> | undefined
  const get = (): Promise<Checker> => {
    clearTimeout(timer)
    checker ??= import('./typescript/checker.ts').then(({ Checker }) => {
      const made = new Checker(values, options)
      for (const code of waiting.splice(0)) made.ran(code)
      return made
    })
    return checker
  }
  const start = (): void => {
    if (options.isBusy()) timer.refresh()
    else void get().then((one) => one.start())
  }
  const timer = setTimeout(start, START).unref()
  return {
    complete: async (code, cursor) => (await get()).complete(code, cursor),
    inspect: async (code, cursor, detailLevel) => (await get()).inspect(code, cursor, detailLevel),
    ran(code) {
      if (checker) void checker.then((one) => one.ran(code))
      else if (waiting.push(code) > WAITING) waiting.shift()
    },
    filesChanged() {
      void checker?.then((one) => one.filesChanged())
    },
    forget() {
      waiting.length = 0
      void checker?.then((one) => one.forget())
    },
    async close() {
      clearTimeout(timer)
      await (await checker)?.close()
    },
  }
}
