// The golden set: what each cell in `fixtures/` gives, from the kernel's wire to the chat. Beside
// `NAME.ts` (cells, separated by `// %% next cell`) are the post as it left the kernel, the inbox
// as stored, and the messages and files in the chat. `UPDATE_GOLDEN=1 npm run jest -- test/golden`
// writes these anew: read the difference as somebody in the chat would.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { until } from '../helpers/until.ts'
import { goldenOf } from './helpers/golden-text.ts'
import type { Golden } from './helpers/golden-text.ts'
import { startSite } from './helpers/site.ts'
import type { Became, Site } from './helpers/site.ts'
import type { Recorded } from './helpers/recorder.ts'

const FOLDER = join(import.meta.dirname, 'fixtures')
const CELLS = /\.ts$/
const names = readdirSync(FOLDER)
  .filter((name) => CELLS.test(name))
  .map((name) => name.replace(CELLS, ''))

let site: Site
const sent = new Map<string, Recorded[]>()

beforeAll(async () => {
  site = await startSite()
  // The relay delivers while the next cells run.
  for (const name of names) sent.set(name, await site.run(cellsOf(name).cells))
}, 60_000)

afterAll(() => site.close())

/** In a post that changes after its cells, `// until: PATTERN` names what the last state shows. */
function cellsOf(name: string): { cells: string[]; until: RegExp | undefined } {
  const source = readFileSync(join(FOLDER, `${name}.ts`), 'utf8')
  const last = /^\/\/ until: (.*)$/m.exec(source)?.[1]
  return {
    cells: source.split(/^\/\/ %% next cell\n/m),
    until: last === undefined ? undefined : new RegExp(last),
  }
}

async function becameOf(name: string): Promise<Became> {
  return site.became(sent.get(name) ?? [], cellsOf(name).until)
}

test('each number is that of one cell', () => {
  const numbers = names.map((name) => name.split('-')[0])
  expect(numbers).toEqual([...new Set(numbers)])
})

test.each(names)('what the cell gives: %s', async (name) => {
  const golden = await goldenOf(await becameOf(name), site)
  if (process.env.UPDATE_GOLDEN === '1') {
    for (const [form, text] of Object.entries(golden)) writeFileSync(pathOf(name, form), text)
  }
  expect(golden).toEqual(stored(name, Object.keys(golden)))
})

test('no cell is called wrong by the type checker, which finds what is wrong', async () => {
  await site.run(["const isWrong: number = 'x'"])
  await until(() => site.typeErrors().length > 0, 'the checker says what is wrong')
  expect(site.typeErrors()).toEqual([expect.stringContaining('isWrong')])
})

function stored(name: string, forms: string[]): Partial<Golden> {
  return Object.fromEntries(forms.map((form) => [form, readFileSync(pathOf(name, form), 'utf8')]))
}

function pathOf(name: string, form: string): string {
  return join(FOLDER, `${name}.${form}`)
}
