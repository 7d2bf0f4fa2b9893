// What a package assigns to a name that it exports is what the next cell sees.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { NotebookFolder } from '../helpers/folder.ts'
import { closeAll } from '../helpers/started.ts'

let notebook: NotebookFolder

beforeAll(async () => {
  notebook = await NotebookFolder.open({
    'node_modules/counts/package.json': '{ "name": "counts", "type": "module", "main": "main.js" }',
    'node_modules/counts/main.js':
      'export let n = 0; export let other = 0; export const bump = () => { n++; other++ }; export { n as default }',
    'node_modules/again/package.json': '{ "name": "again", "type": "module", "main": "main.js" }',
    'node_modules/again/main.js': "export * from 'counts'; export { n as m } from 'counts'",
    'node_modules/common/package.json': '{ "name": "common", "main": "main.js" }',
    'node_modules/common/main.js':
      'exports.n = 0; exports.bump = () => { exports.n++; module.exports[["hid", "den"].join("")]++ }; Object.assign(exports, { ["hidden"]: 0 })\n' +
      'let reads = 0; Object.defineProperty(exports, "reads", { enumerable: true, get: () => ++reads })',
    'node_modules/many/package.json': '{ "name": "many", "type": "module", "main": "main.js" }',
    'node_modules/many/main.js':
      Array.from({ length: 200 }, (_, index) => `export let n${index} = ${index}`).join('\n') +
      '\nexport const bump = () => { n199++ }\n',
  })
})

afterAll(closeAll)

/** What the last cell shows. */
async function run(...cells: string[]): Promise<string> {
  let shown = ''
  for (const cell of cells) shown = await notebook.shown(cell)
  return shown
}

test.each([
  ['a name', ["import { n, bump } from 'counts'; const n0 = n; bump()", 'n - n0'], '1'],
  [
    'by another name',
    ["import { n as k, bump } from 'counts'; const k0 = k; bump()", 'k - k0'],
    '1',
  ],
  ['the default', ["import d, { bump } from 'counts'; const d0 = d; bump()", 'd - d0'], '1'],
  [
    'a namespace',
    ["import d, * as all from 'counts'; const a0 = all.n; all.bump()", 'all.n - a0 + d - a0'],
    '2',
  ],
  [
    'passed on by others',
    ["import { n, m, bump } from 'again'; const a = [n, m]; bump()", '[n - a[0], m - a[1]].join()'],
    "'1,1'",
  ],
  [
    'of CommonJS',
    ["import { n, hidden, bump } from 'common'; bump()", '[n, hidden].join()'],
    "'1,1'",
  ],
  [
    'within functions of earlier cells',
    ["import { n, bump } from 'counts'; const f0 = n; const f = () => n - f0; bump()", 'f()'],
    '1',
  ],
  [
    'each time',
    ["import { n, bump } from 'counts'; const e0 = n", 'bump()', 'bump()', 'n - e0'],
    '2',
  ],
])('%s', async (_what, cells, value) => {
  expect(await run(...cells)).toBe(value)
})

test('a name that a cell declared anew is that cell’s', async () => {
  expect(
    await run(
      "import { n, bump } from 'counts'",
      'const at = n',
      'const n = at; bump()',
      'n === at',
    ),
  ).toBe('true')
  expect(await run("import { other, bump } from 'counts'", 'let other = 5; bump()', 'other')).toBe(
    '5',
  )
})

test('assigning it stays an error, and it can be listed and reset', async () => {
  expect(
    await run("import { n as fixed, bump } from 'counts'; bump()", 'bump()', 'fixed = 1'),
  ).toContain('TypeError')
  expect(await notebook.shown('%who')).toMatch(/\bfixed\b/)
  expect(await run('%reset -f', 'typeof fixed')).toBe("'undefined'")
})

test('a getter of a package is called where its name is read, and by no other cell', async () => {
  const reads = Number(await run("import { reads } from 'common'; reads"))
  expect(await run('1', '2', 'reads')).toBe(`${reads + 1}`)
})

test('the last of 200 names', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `n${index}`).join()
  expect(await run(`import { ${names}, bump } from 'many'; bump()`, 'n199')).toBe('200')
})
