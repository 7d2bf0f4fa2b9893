// Asks a kernel what somebody sees who types: `¦` marks the cursor.
import type { Answer, Client } from './client.ts'
import { until } from '../../../test/helpers/until.ts'
import { toCodePoints } from '../../src/protocol/codepoints.ts'
import { isObject } from '../../src/protocol/json.ts'

/** For kernels of tests, which otherwise have no types. */
export const TYPES = { JUPYTERPOST_TYPES: 'on' }

export interface Match {
  text: string
  type: string
  signature?: unknown
}

export interface Completed {
  matches: Match[]
  texts: string[]
  /** The cell as it is after a match was chosen. */
  apply: (text: string) => string
}

export async function complete(client: Client, marked: string): Promise<Completed> {
  const { code, cursor_pos } = cursorIn(marked)
  const { reply } = await client.ask('complete_request', { code, cursor_pos })
  const { cursor_start, cursor_end, metadata } = reply.content
  const list: unknown = isObject(metadata) ? metadata['_jupyter_types_experimental'] : undefined
  if (!Array.isArray(list)) throw new Error('no list of types')
  const matches = list.filter(isMatch)
  const points = Array.from(code)
  return {
    matches,
    texts: matches.map(({ text }) => text),
    apply: (text) =>
      points.slice(0, Number(cursor_start)).join('') +
      text +
      points.slice(Number(cursor_end)).join(''),
  }
}

/** Its text, or undefined if nothing was found. */
export async function inspect(
  client: Client,
  marked: string,
  detail_level: 0 | 1 = 0,
): Promise<{ plain: string; markdown: string } | undefined> {
  const { code, cursor_pos } = cursorIn(marked)
  const { reply } = await client.ask('inspect_request', { code, cursor_pos, detail_level })
  const { data, found } = reply.content
  if (found !== true || !isObject(data)) return undefined
  return { plain: textOf(data['text/plain']), markdown: textOf(data['text/markdown']) }
}

/** Resolves once types are known: on a busy machine the first answer is of values only. */
export async function untilTyped(client: Client): Promise<void> {
  await until(async () => {
    const { texts } = await complete(client, 'const warm: { isTyped: 1 } = null!; warm.¦')
    return texts.includes('isTyped')
  }, 'the language server answers')
}

/** On a busy machine values answer before types do: then it is asked again. */
export async function settled<Found>(
  ask: () => Promise<Found>,
  isRight: (answer: Found) => boolean,
): Promise<Found> {
  let answer = await ask()
  for (let tries = 1; tries < 5 && !isRight(answer); tries++) answer = await ask()
  return answer
}

/** Runs a cell; its answer has what is said about its types also after its end. */
export async function executeChecked(client: Client, code: string): Promise<Answer> {
  const answer = await client.execute(code)
  // Questions about types are answered once all cells before are checked.
  await until(async () => {
    const { texts } = await complete(client, 'const checked = { member: 1 }; checked.¦')
    return texts.includes('member')
  }, 'the cell is checked')
  await client.ask('kernel_info_request')
  return { ...answer, iopub: await client.transcript(String(answer.reply.parent['msg_id'])) }
}

function cursorIn(marked: string): { code: string; cursor_pos: number } {
  const at = marked.lastIndexOf('¦')
  const code = marked.slice(0, at) + marked.slice(at + 1)
  return { code, cursor_pos: toCodePoints(code, at) }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isMatch(value: unknown): value is Match {
  return isObject(value) && typeof value['text'] === 'string' && typeof value['type'] === 'string'
}
