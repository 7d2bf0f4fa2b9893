// Names that are gone, and names of web pages: what completion and the checker know of them.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stripVTControlCharacters } from 'node:util'
import type { Client } from '../helpers/client.ts'
import { textOf } from '../helpers/shown.ts'
import { closeAll, start } from '../helpers/started.ts'
import { TYPES, complete, executeChecked, settled, untilTyped } from '../helpers/typing.ts'

let client: Client

beforeAll(async () => {
  const kernel = await start({ env: TYPES })
  client = kernel.client
  await untilTyped(client)
})

afterAll(closeAll)

/** The first line of each error below a cell. */
async function found(code: string): Promise<string[]> {
  const text = stripVTControlCharacters(textOf(await executeChecked(client, code), 'stderr'))
  return text
    .matchAll(/^error (TS\d+: .*)/gm)
    .map(([, error = '']) => error)
    .toArray()
}

/** Until it knows the types, on a busy machine. */
async function textsAt(marked: string, isRight: (texts: string[]) => boolean): Promise<string[]> {
  const { texts } = await settled(
    () => complete(client, marked),
    (answer) => isRight(answer.texts),
  )
  return texts
}

test('%reset: neither completion nor the checker knows the names that cells declared', async () => {
  await client.execute('const gone = { isGone: 1 }\ntype Gone = { a: 1 }')
  expect(await textsAt('gone.¦', (texts) => texts.length > 0)).toContain('isGone')
  await client.execute('%reset -f\nconst kept = { isKept: 1 }')
  expect(await textsAt('kept.¦', (texts) => texts.includes('isKept'))).toContain('isKept')
  expect(await textsAt('gon¦', (texts) => !texts.includes('gone'))).not.toContain('gone')
  expect(await found('() => gone.isGone')).toEqual(["TS2304: Cannot find name 'gone'."])
  expect(await found('let g: Gone')).toEqual(["TS2304: Cannot find name 'Gone'."])
  expect(await found('kept.isKept.toFixed()')).toEqual([])
})

test('%reset that is refused forgets nothing', async () => {
  await client.execute('const stays = { isStill: 1 }')
  const id = await client.send('execute_request', { code: '%reset', allow_stdin: true })
  const question = await client.until(({ header }) => header.msg_type === 'input_request')
  const reply = { channel: 'stdin', parent: question.header } as const
  await client.send('input_reply', { value: 'n', status: 'ok' }, reply)
  await client.answer(id)
  expect(await textsAt('stays.¦', (texts) => texts.includes('isStill'))).toContain('isStill')
})

const UNKNOWN = ['name', 'status', 'location', 'window', 'HTMLElement']

test.each(UNKNOWN)('a global of web pages that is not there is unknown: %s', async (name) => {
  expect(await found(`() => ${name}`)).toEqual([`TS2304: Cannot find name '${name}'.`])
})

const RIGHT = [
  'let e: HTMLElement | Event; interface Mine extends HTMLElement {}',
  'let w: typeof window',
  "typeof window === 'undefined'",
  '() => [document, navigator, performance, fetch, Event, EventTarget, AbortController]',
]

test.each(RIGHT)('types of web pages and globals that are there: %s', async (cell) => {
  expect(await found(cell)).toEqual([])
})

test('%dom on: document and window are known with their types; %dom off ends that', async () => {
  await client.execute('%dom on')
  expect(await found('window.document.body.textContent')).toEqual([])
  expect(await found('() => window.document.nothing')).toHaveLength(1)
  const marked = 'const page = () => window.document.createE¦'
  const texts = await textsAt(marked, (all) => all.includes('createElement'))
  expect(texts).toContain('createElement')
  expect(await found('HTMLElement.name')).toEqual([])
  await client.execute('%dom off')
  expect(await found('() => window')).toEqual(["TS2304: Cannot find name 'window'."])
})
