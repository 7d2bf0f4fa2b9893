// Requests while a person types: completion, inspection, and whether the cell is complete. They are
// served even while a cell runs.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#completion
import type { ICompleteReplyMsg } from '@jupyterlab/services/lib/kernel/messages.js'
import { compiler } from '../cell/compiler.ts'
import { parseInspection } from '../cell/inspection.ts'
import { completeMagic, inspectMagic } from '../magics/index.ts'
import { toCodePoints, toUtf16 } from '../protocol/codepoints.ts'
import { completeRequest, inspectRequest, isCompleteCode } from '../protocol/content.ts'
import { completePath } from './path-in-string.ts'
import type { ServiceHandler } from './services.ts'

export const complete: ServiceHandler = async ({ message }, { cells, language, magics }) => {
  const { code, cursor_pos } = completeRequest(message.content)
  const cursor = toUtf16(code, cursor_pos)
  const known =
    (await completeMagic(magics, code, cursor)) ?? (await language.complete(code, cursor))
  const found =
    known.matches.length > 0 ? known : (completePath(code, cursor, cells.surroundings) ?? known)
  const { matches, start, end } = found
  const cursor_start = toCodePoints(code, start)
  const cursor_end = toCodePoints(code, end)
  return {
    content: {
      status: 'ok',
      matches: matches.map((match) => match.text),
      cursor_start,
      cursor_end,
      metadata: {
        // JupyterLab shows an icon for each match by this list, which has the order of `matches`.
        _jupyter_types_experimental: matches.map(({ text, type, signature }) => ({
          start: cursor_start,
          end: cursor_end,
          text,
          type,
          ...(signature === undefined ? {} : { signature }),
        })),
      },
    } satisfies ICompleteReplyMsg['content'],
  }
}

export const inspect: ServiceHandler = async ({ message }, { language, magics }) => {
  const { code, cursor_pos, detail_level } = inspectRequest(message.content)
  const cursor = toUtf16(code, cursor_pos)
  const data =
    inspectMagic(magics, code, cursor) ?? (await language.inspect(code, cursor, detail_level))
  return { content: { status: 'ok', found: data !== undefined, data: data ?? {}, metadata: {} } }
}

export const isComplete: ServiceHandler = async ({ message }) => {
  const code = isCompleteCode(message.content)
  if (code === undefined) return { content: { status: 'unknown' } }
  if (parseInspection(code)) return { content: { status: 'complete' } }
  const { judgeSafely } = await compiler()
  const { status, indent } = await judgeSafely(code)
  return { content: status === 'incomplete' ? { status, indent } : { status } }
}
