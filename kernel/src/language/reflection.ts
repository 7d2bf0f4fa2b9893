// The simple language service: what the values of the running notebook tell, by looking at them.
import type { Runtime } from '../runtime/runtime.ts'
import type { LanguageService } from './language.ts'
import { prototypeOfLiteral } from './literals.ts'

export function createReflection(runtime: Pick<Runtime, 'complete' | 'inspect'>): LanguageService {
  return {
    async complete(code, cursor) {
      const before = code.slice(0, cursor)
      const [whole = '', member] = /\.\s*([\p{ID_Continue}$]*)$/u.exec(before) ?? []
      const holder =
        member === undefined
          ? undefined
          : prototypeOfLiteral(before.slice(0, before.length - whole.length))
      if (member === undefined || holder === undefined) return runtime.complete(code, cursor)
      const question = `${holder}.${member}`
      const { matches } = await runtime.complete(question, question.length)
      return { matches, start: cursor - member.length, end: cursor }
    },
    inspect: (code, cursor, detailLevel) => runtime.inspect(code, cursor, detailLevel),
  }
}
