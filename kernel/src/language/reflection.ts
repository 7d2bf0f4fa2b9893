// The simple language service: what the values of the running notebook tell, by looking at them.
import type { Runtime } from '../runtime/runtime.ts'
import type { LanguageService } from './language.ts'

export function createReflection(runtime: Pick<Runtime, 'complete' | 'inspect'>): LanguageService {
  return {
    complete: (code, cursor) => runtime.complete(code, cursor),
    inspect: (code, cursor, detailLevel) => runtime.inspect(code, cursor, detailLevel),
  }
}
