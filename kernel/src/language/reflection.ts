// The simple language service: it looks at the values of the running notebook.
import { endsInText } from '../cell/lexer.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { LanguageService } from './language.ts'
import { prototypeOfLiteral } from './literals.ts'

/** UTF-16 units searched while a person types; takes 60 ms at most. */
const LEXED = 20_000

/** The last lines of a long cell, as if it began there. */
function endOf(code: string): string {
  return code.length <= LEXED ? code : code.slice(code.indexOf('\n', code.length - LEXED) + 1)
}

export function createReflection(runtime: Pick<Runtime, 'complete' | 'inspect'>): LanguageService {
  return {
    async complete(code, cursor) {
      const before = code.slice(0, cursor)
      if (endsInText(endOf(before))) {
        return { matches: [], start: cursor, end: cursor }
      }
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
