// Popular packages, each as its example notebook has it: installed by `%npm add` in an empty folder
// from the registry that npm is configured for, imported, used and shown, executed by nbclient; and
// typed, in a cell that never ran. All of them with JUPYTERPOST_PACKAGES=all, some with
// JUPYTERPOST_PACKAGES=d3,rxjs.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { closeAll, start } from '../../kernel/test/helpers/started.ts'
import { TYPES, complete, inspect, untilTyped } from '../../kernel/test/helpers/typing.ts'
import { root, testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { until } from '../helpers/until.ts'
import { executeNotebooks } from '../jupyter/helpers/executed.ts'
import type { ExecutedNotebook } from '../jupyter/helpers/executed.ts'
import { PACKAGES, QUICK } from './helpers/table.ts'

const LIMIT = 240_000
const chosen = process.env['JUPYTERPOST_PACKAGES'] ?? ''
const names = chosen === '' ? QUICK : chosen.split(',')
const rows = PACKAGES.filter(({ name }) => chosen === 'all' || names.includes(name))

let home: TestHome

beforeAll(async () => {
  home = await testHome()
  // As npm of the suite's own `npm install` is configured: its registry, and what it keeps.
  home.env['NPM_CONFIG_USERCONFIG'] ??=
    process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc')
  home.env['NPM_CONFIG_CACHE'] ??= process.env['npm_config_cache'] ?? join(homedir(), '.npm')
}, LIMIT)

afterEach(closeAll)
afterAll(async () => home[Symbol.asyncDispose]())

/** Mime type or stream -> all text of it, of each cell after the first that shows something. */
function shownBy({ cells }: ExecutedNotebook): Array<Record<string, string>> {
  const [, ...others] = cells.filter(({ outputs }) => outputs.length > 0)
  return others.map(({ outputs }) => {
    const texts: Record<string, string> = {}
    const add = (type: string, value: unknown) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      texts[type] = (texts[type] ?? '') + text
    }
    for (const { data = {}, name, text } of outputs) {
      for (const [type, value] of Object.entries(data)) add(type, value)
      if (typeof name === 'string') add(name, text)
    }
    return texts
  })
}

test('each example is in the table', () => {
  const files = readdirSync(join(root, 'examples/packages')).filter((name) =>
    name.endsWith('.ipynb'),
  )
  expect(PACKAGES.map(({ name }) => `${name}.ipynb`).toSorted()).toEqual(files.toSorted())
  expect(rows.length).toBeGreaterThan(0)
})

test.each(rows)(
  '$name is installed, imported, used, shown, and typed',
  async ({ name, adds, shows, typed }) => {
    const folder = join(home.folder, 'empty', name)
    mkdirSync(folder, { recursive: true })
    copyFileSync(join(root, 'examples/packages', `${name}.ipynb`), join(folder, `${name}.ipynb`))
    const executed = (await executeNotebooks(home, [`${name}.ipynb`], folder)).values().next().value
    expect(executed?.error).toBeNull()
    const added = JSON.stringify(executed?.cells.flatMap(({ outputs }) => outputs))
    expect(added).toContain(`Installing into ${folder}/package.json ...`)
    expect(added).toMatch(new RegExp(`Installed [^"]*${adds} \\d`))
    expect(executed && shownBy(executed)).toEqual(
      shows.map((texts) =>
        expect.objectContaining(
          Object.fromEntries(
            Object.entries(texts).map(([type, text]) => [type, expect.stringContaining(text)]),
          ),
        ),
      ),
    )

    const { client } = await start({ env: TYPES, notebook: folder })
    await untilTyped(client)
    const { cell, completes, tells } = typed
    // The first answer of a large package may be late.
    await until(async () => {
      if (completes !== undefined) return (await complete(client, cell)).texts.includes(completes)
      return (await inspect(client, cell))?.plain.includes(tells ?? '\0') === true
    }, `the types of ${name}`)
  },
  LIMIT,
)
