// What running code asks of the kernel process: the table method -> answer. A rejection becomes an error in the cell.
import { isObject } from '../protocol/json.ts'
import type { RuntimeCall } from '../runtime/runtime.ts'
import { lineMagic } from './magics.ts'
import type { Services } from './services.ts'

type Call = (call: RuntimeCall, services: Services) => Promise<unknown>

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['input', input],
  ['magic', lineMagic],
  ['post', (call, { cells, posts }) => posts.answer(call, cells.get(call.cellId)?.outputs)],
])

/** Asked for input where nobody can answer. */
class StdinNotAllowedError extends Error {
  override name = 'StdinNotAllowedError'
}

export async function answerCall(call: RuntimeCall, services: Services): Promise<unknown> {
  const answer = CALLS.get(call.method)
  if (!answer) throw new Error(`the kernel has no call named ${call.method}`)
  return answer(call, services)
}

async function input({ cellId, params, signal }: RuntimeCall, services: Services): Promise<string> {
  const { cells, iopub, stdin } = services
  const cell = cells.running
  if (!cell || cell.id !== cellId || !cell.content.allow_stdin) {
    throw new StdinNotAllowedError(
      'this front end cannot ask for input (allow_stdin is false), or the cell has ended',
    )
  }
  const { prompt, password } = isObject(params) ? params : {}
  // What was printed before the question is seen before it.
  iopub.flush(cell.request)
  const question = { prompt: typeof prompt === 'string' ? prompt : '', password: password === true }
  return stdin.ask(cell.request, question, AbortSignal.any([signal, cell.interrupt.signal]))
}
