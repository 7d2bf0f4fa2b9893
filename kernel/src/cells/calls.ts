// What running code can ask of the kernel process: a table from methods to functions. A rejection
// becomes an error in the cell.
import { isObject } from '../protocol/json.ts'
import { StdinNotAllowedError } from '../protocol/stdin-not-allowed.ts'
import type { RuntimeCall } from '../runtime/runtime.ts'
import { lineMagic } from './magics.ts'
import { changingLine } from './changing-line.ts'
import type { CellServices } from './services.ts'

type Call = (call: RuntimeCall, services: CellServices) => Promise<unknown>

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['input', input],
  ['magic', lineMagic],
  ['set_next_input', setNextInput],
  ['post', post],
  ['register_magic', registerMagic],
  ['names_removed', namesRemoved],
])

export async function answerCall(call: RuntimeCall, services: CellServices): Promise<unknown> {
  const answer = CALLS.get(call.method)
  if (!answer) throw new Error(`the kernel has no call named ${call.method}`)
  return answer(call, services)
}

function post(call: RuntimeCall, services: CellServices): Promise<unknown> {
  const cell = services.cells.get(call.cellId)
  return services.posts.answer(call, cell?.outputs, changingLine(services, call.cellId))
}

async function registerMagic({ params }: RuntimeCall, services: CellServices): Promise<void> {
  services.registered.register(params)
}

/** By `%reset`, whose question only the runtime has the answer to. */
function namesRemoved(_call: RuntimeCall, { language }: CellServices): Promise<void> {
  language.forget()
  return Promise.resolve()
}

/** Sent with the reply, so it is too late once the cell has ended. */
function setNextInput({ cellId, params }: RuntimeCall, { cells }: CellServices): Promise<void> {
  const { text, replace } = isObject(params) ? params : {}
  if (typeof text !== 'string') throw new TypeError('the text of the next cell must be a string')
  if (cells.running?.id !== cellId) throw new Error('the cell has ended: no next cell can be set')
  cells.running.payload.push({ source: 'set_next_input', text, replace: replace === true })
  return Promise.resolve()
}

async function input(
  { cellId, params, signal }: RuntimeCall,
  services: CellServices,
): Promise<string> {
  const { cells, iopub, stdin } = services
  const cell = cells.running
  if (!cell || cell.id !== cellId || !cell.content.allow_stdin) {
    throw new StdinNotAllowedError()
  }
  const { prompt, password } = isObject(params) ? params : {}
  // Text printed before the question must be shown before it.
  iopub.flush(cell.request)
  const question = { prompt: typeof prompt === 'string' ? prompt : '', password: password === true }
  return stdin.ask(cell.request, question, AbortSignal.any([signal, cell.interrupt.signal]))
}
