// Where cells and magics meet: what a magic knows of its cell, and line magics that running code
// calls.
import type { MagicSyntax } from '../cell/magic-scanner.ts'
import { magicHelp, runLineMagic } from '../magics/index.ts'
import type { MagicContext, MagicTable, Surroundings } from '../magics/magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import { isObject } from '../protocol/json.ts'
import type { MagicAction, RuntimeCall } from '../runtime/runtime.ts'
import type { Cell } from './cells.ts'
import { changingLine } from './changing-line.ts'
import { filled } from './fill.ts'
import { showNotice, showOutput } from './outputs.ts'
import type { CellServices } from './services.ts'

/**
 * What the compiler has to know of the table of magics. It finds `${}` in the whole line; running
 * the magic refuses it outside MESSAGE.
 */
export function magicSyntax(table: MagicTable): ReadonlyMap<string, MagicSyntax> {
  return new Map(
    [...table].map(([name, { line, cell }]) => [
      name,
      {
        line: line !== undefined,
        cell: cell !== undefined,
        ...(line && 'isCode' in line
          ? { code: line.flags }
          : { hasValue: line?.hasValue === true }),
      },
    ]),
  )
}

export function magicContext(
  cell: Cell,
  services: CellServices,
  signal: AbortSignal = cell.interrupt.signal,
): MagicContext {
  const { id, content, executionCount, outputs, request } = cell
  return {
    cellId: id,
    source: content.code,
    executionCount,
    outputs,
    previous: services.recorder.previous,
    signal,
    notice(text, markdown) {
      if (!content.silent) showNotice(services, request, text, markdown)
    },
    stream: (name, text) => showOutput({ type: 'stream', cellId: id, name, text }, services),
  }
}

/** @throws {UsageError} if there is no such magic. */
export function showHelp(text: string, cell: Cell, services: CellServices): void {
  const help = magicHelp(services.magics, text)
  if (!help) throw new UsageError(`There is no magic ${text}. %lsmagic lists them all`)
  if (!cell.content.silent) {
    services.iopub.publish(
      'display_data',
      { data: help, metadata: {}, transient: {} },
      cell.request,
    )
  }
}

/**
 * Runs a magic line of a cell when its code gets there. The call has index, values (as text) and
 * surroundings. The runtime does what is returned.
 */
export async function lineMagic(
  call: RuntimeCall,
  services: CellServices,
): Promise<MagicAction | void> {
  const cell = services.cells.get(call.cellId)
  const { index, values } = isObject(call.params) ? call.params : {}
  const magic = cell?.compiled?.magics[Number(index)]
  if (!cell || !magic) throw new Error('this cell ran too long ago: its magics are no longer known')
  const { name, pieces, first } = magic
  const texts = Array.isArray(values) ? values.map(String) : []
  const surroundings = surroundingsOf(call.params)
  services.cells.surroundings = surroundings
  if (cell.fill) return cell.fill(filled(pieces, texts), surroundings)
  if (magic.line === '?') return showHelp(`%${name}`, cell, services)
  const signal = AbortSignal.any([call.signal, cell.interrupt.signal])
  const context = {
    ...magicContext(cell, services, signal),
    first,
    surroundings,
    history: services.history,
    setNextInput: (text: string, replace: boolean) =>
      void cell.payload.push({ source: 'set_next_input', text, replace }),
    changingLine: () => changingLine(services, cell.id),
  }
  const action = await runLineMagic(services.magics, { name, pieces, values: texts }, context)
  if (action?.action === 'folder') {
    services.cells.surroundings = { ...surroundings, folder: action.folder }
  }
  if (action?.action === 'dom' && action.state) services.language.setPage(action.state === 'on')
  return action
}

function surroundingsOf(params: unknown): Surroundings {
  const { surroundings } = isObject(params) ? params : {}
  const { folder, env } = isObject(surroundings) ? surroundings : {}
  return {
    folder: typeof folder === 'string' ? folder : '',
    env: Object.fromEntries(
      Object.entries(isObject(env) ? env : {}).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value]] : [],
      ),
    ),
  }
}
