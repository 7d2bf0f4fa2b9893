// How `node:test` reports in a cell: like its `spec` reporter, with the reason below each failed
// test. `spec` tells reasons when the process ends, but the runtime of a notebook does not end.
import { spec } from 'node:test/reporters'
import { inspect, types } from 'node:util'

interface Event {
  type: string
  data: { nesting?: number; details?: { error?: unknown } }
}

const NODE_FRAME = /^\s+at .*(?:[( ]node:|\(<anonymous>\)$)/
/** How many causes of causes are told. */
const CAUSES = 8

/** Given to Node by path: `--test-reporter`. */
export default async function* report(events: AsyncIterable<Event>): AsyncGenerator<string> {
  const lines = new spec()
  for await (const event of events) {
    lines.write(event)
    const text: unknown = lines.read()
    if (text !== null) yield textOf(text)
    if (event.type === 'test:fail') yield reasonOf(event)
  }
}

function textOf(chunk: unknown): string {
  return Buffer.isBuffer(chunk) ? chunk.toString('utf8') : typeof chunk === 'string' ? chunk : ''
}

/** No reason for a suite: its tests have told theirs. */
function reasonOf({ data: { nesting = 0, details } }: Event): string {
  const error = details?.error
  if (valueOf(error, 'failureType') === 'subtestsFailed') return ''
  const cause = valueOf(error, 'cause') ?? error
  const indent = '  '.repeat(nesting + 1)
  return stackOf(cause).replaceAll(/^(?=.)/gm, indent) + '\n'
}

/** The stack without frames of the test runner and of Node. */
function stackOf(error: unknown, depth = 0): string {
  if (!types.isNativeError(error) || error.stack === undefined) return inspect(error)
  const lines = error.stack.split('\n').filter((line) => !NODE_FRAME.test(line))
  const { cause } = error
  if (cause === undefined || depth >= CAUSES) return lines.join('\n')
  return `${lines.join('\n')}\nCaused by: ${stackOf(cause, depth + 1)}`
}

function valueOf(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined
}
