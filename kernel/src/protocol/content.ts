// Contents of requests as the kernel trusts them: decoded from unknown, defaults as in the spec,
// field names as on the wire. A missing or wrong field throws `ContentError` if the request cannot
// do without it; otherwise the field takes its default.
import { isObject } from './json.ts'

/** A request that cannot be served: it gets an error reply, and nothing was run. */
export class ContentError extends Error {
  override name = 'ContentError'
}

type Content = Record<string, unknown>

export interface ExecuteRequest {
  code: string
  silent: boolean
  store_history: boolean
  user_expressions: Record<string, unknown>
  allow_stdin: boolean
  stop_on_error: boolean
}

export function executeRequest(content: Content): ExecuteRequest {
  const silent = bool(content, 'silent', false)
  const expressions = content['user_expressions']
  return {
    code: code(content),
    silent,
    store_history: !silent && bool(content, 'store_history', true),
    user_expressions: isObject(expressions) ? expressions : {},
    allow_stdin: bool(content, 'allow_stdin', false),
    stop_on_error: stopOnError(content),
  }
}

/** Can be read even from a request that is otherwise wrong. */
export function stopOnError(content: Content): boolean {
  return bool(content, 'stop_on_error', true)
}

export interface CursorRequest {
  code: string
  /** Code points, not yet clamped to the code. */
  cursor_pos: number
}

export function completeRequest(content: Content): CursorRequest {
  const text = code(content)
  const position = content['cursor_pos']
  const number =
    typeof position === 'string' && position.trim() !== '' ? Number(position) : position
  const usable = typeof number === 'number' && Number.isFinite(number)
  return { code: text, cursor_pos: usable ? number : text.length }
}

export interface InspectRequest extends CursorRequest {
  detail_level: 0 | 1
}

export function inspectRequest(content: Content): InspectRequest {
  const level = content['detail_level']
  return {
    ...completeRequest(content),
    detail_level: typeof level === 'number' && level >= 1 ? 1 : 0,
  }
}

/** Undefined if there is no code to judge: `is_complete_reply` calls that unknown. */
export function isCompleteCode(content: Content): string | undefined {
  return typeof content['code'] === 'string' ? content['code'] : undefined
}

export type HistoryRequest = { output: boolean } & (
  | { hist_access_type: 'range'; session: number; start: number; stop: number | undefined }
  | { hist_access_type: 'tail'; n: number }
  | { hist_access_type: 'search'; pattern: string; n: number | undefined; unique: boolean }
)

/** Undefined for an unknown access type: its history is empty. */
export function historyRequest(content: Content): HistoryRequest | undefined {
  const output = bool(content, 'output', false)
  switch (content['hist_access_type']) {
    case 'range':
      return {
        output,
        hist_access_type: 'range',
        session: integer(content, 'session') ?? 0,
        start: integer(content, 'start') ?? 0,
        stop: integer(content, 'stop'),
      }
    case 'tail':
      return { output, hist_access_type: 'tail', n: integer(content, 'n') ?? 0 }
    case 'search': {
      const pattern = content['pattern']
      return {
        output,
        hist_access_type: 'search',
        pattern: typeof pattern === 'string' ? pattern : '*',
        n: integer(content, 'n'),
        unique: bool(content, 'unique', false),
      }
    }
    default:
      return undefined
  }
}

/** '' means every target. */
export function commInfoTarget(content: Content): string {
  const target = content['target_name']
  return typeof target === 'string' ? target : ''
}

export interface CommContent extends Content {
  comm_id: string
  data: Record<string, unknown>
}

export function commContent(content: Content): CommContent {
  const { comm_id: id, data } = content
  if (typeof id !== 'string') throw new ContentError('comm_id must be a string')
  return { ...content, comm_id: id, data: isObject(data) ? data : {} }
}

export function shutdownRestart(content: Content): boolean {
  return bool(content, 'restart', false)
}

/** Undefined if there is no value. */
export function inputReplyValue(content: Content): string | undefined {
  return typeof content['value'] === 'string' ? content['value'] : undefined
}

function code(content: Content): string {
  const found = content['code']
  if (typeof found !== 'string') {
    const came = found === undefined ? 'nothing' : found === null ? 'null' : typeof found
    throw new ContentError(`code must be a string, got ${came}`)
  }
  if (!found.isWellFormed()) throw new ContentError('code holds half of a surrogate pair')
  return found
}

/** Strict: "yes" is not true. */
function bool(content: Content, key: string, otherwise: boolean): boolean {
  const found = content[key]
  return typeof found === 'boolean' ? found : otherwise
}

function integer(content: Content, key: string): number | undefined {
  const found = content[key]
  return typeof found === 'number' && Number.isFinite(found) ? Math.trunc(found) : undefined
}
