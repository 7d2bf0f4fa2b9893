// execute_request: numbers, execute_input, the run, the reply. `cells/run.ts` compiles and runs the
// cell or its magic.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#execute
import { idOf } from '../cells/cells.ts'
import type { Cell } from '../cells/cells.ts'
import { magicContext } from '../cells/magics.ts'
import { showNotice, showOmission } from '../cells/outputs.ts'
import { evaluateExpression, runCell } from '../cells/run.ts'
import { executeRequest } from '../protocol/content.ts'
import type { ExecuteRequest } from '../protocol/content.ts'
import { errorContent } from '../protocol/error-content.ts'
import type { Message } from '../protocol/message.ts'
import type { Evaluation, Outcome } from '../runtime/runtime.ts'
import { UnsupportedRequestError } from './handler.ts'
import type { Reply } from './handler.ts'
import type { ServiceHandler, Services } from './services.ts'

export const execute: ServiceHandler = async ({ message, channel }, services) => {
  // Control must answer while a cell runs, so no cell may run on it.
  if (channel.name !== 'shell') {
    throw new UnsupportedRequestError(`execute_request belongs on shell, not on ${channel.name}`)
  }
  const started = new Date().toISOString()
  const cell = begin(message, executeRequest(message.content), services)
  const outcome = await run(cell, services)
  services.recorder.finish(cell.id, outcome)
  showOmission(cell.id, services)
  services.posts.cellEnded(cell.id, outcome)
  const kept = cell.content.store_history && !cell.content.silent
  await services.posts.autopost.cellEnded({ ...magicContext(cell, services), kept }, outcome)
  const { executionCount: execution_count, content } = cell
  const metadata = { started }
  if (outcome.status === 'error') {
    if (!content.silent) services.iopub.publish('error', { ...outcome.error }, message)
    const failure = { status: 'error', execution_count, ...outcome.error }
    return { content: failure, metadata, ...rest(cell, services) }
  }
  const user_expressions = await evaluateAll(cell, services)
  return {
    content: { status: 'ok', execution_count, user_expressions, payload: cell.payload },
    metadata,
    ...rest(cell, services),
  }
}

/** What is shown after the reply. Now the cell's names are known. */
function rest(cell: Cell, services: Services): Pick<Reply, 'after'> {
  // A cell is checked with the names as they were before it.
  const after = services.types.show(cell)
  if (cell.code !== undefined) services.language.ran(cell.code)
  return after ? { after } : {}
}

/** The reply to a cell that was queued when an earlier one failed. It has no number. */
export function aborted(): Reply {
  return { content: { status: 'aborted' } }
}

/**
 * Begins a cell. It gets the next number only if it is stored; all messages about this cell have
 * the same number.
 */
function begin(request: Message, content: ExecuteRequest, services: Services): Cell {
  const { cells, iopub, history, recorder } = services
  const { code, silent, store_history: store } = content
  const kept = store && code.trim() !== ''
  if (kept) cells.count += 1
  const executionCount = cells.count
  const id = idOf(request)
  cells.remember({ id, request, silent, executionCount })
  if (!silent) {
    iopub.publish('execute_input', { code, execution_count: executionCount }, request)
    for (const line of services.news.splice(0)) showNotice(services, request, line)
  }
  if (kept) history.add(executionCount, code)
  const { metadata } = request
  const outputs = recorder.begin({ cellId: id, executionCount, source: code, metadata, silent })
  const interrupt = new AbortController()
  const cell: Cell = { id, request, content, executionCount, outputs, interrupt, payload: [] }
  cells.add(cell)
  services.posts.cellStarted(outputs, store && !silent)
  return cell
}

async function run(cell: Cell, services: Services): Promise<Outcome> {
  const { cells } = services
  if (cell.content.code.trim() === '') return { status: 'ok' }
  cells.running = cell
  try {
    return await runCell(cell, services)
  } finally {
    cells.running = undefined
  }
}

/** A bad expression never fails the cell. */
async function evaluateAll(cell: Cell, services: Services): Promise<Record<string, Evaluation>> {
  const results: Record<string, Evaluation> = {}
  for (const [name, expression] of Object.entries(cell.content.user_expressions)) {
    results[name] = await evaluateOne(expression, cell, services)
  }
  return results
}

async function evaluateOne(
  expression: unknown,
  cell: Cell,
  services: Services,
): Promise<Evaluation> {
  try {
    if (typeof expression !== 'string') {
      throw new TypeError(`a user expression must be a string, got ${typeof expression}`)
    }
    return await evaluateExpression(expression, cell, services)
  } catch (error) {
    return { status: 'error', ...errorContent(error) }
  }
}
