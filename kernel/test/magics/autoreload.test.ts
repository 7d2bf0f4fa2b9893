// `%autoreload on`: names imported earlier are those of the edited file, before each cell.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from '@jest/globals'
import { NotebookFolder } from '../helpers/folder.ts'
import { closeAll } from '../helpers/started.ts'

let notebook: NotebookFolder
let file = ''
let round = 0

beforeEach(async () => {
  notebook ??= await NotebookFolder.open()
  file = `lib${++round}.ts`
  notebook.write({
    [file]: 'export const a: number = 1\nexport const gone = 1\nexport default () => a',
  })
  await notebook.shown(
    `import main, { a, gone } from './${file}'\nimport * as all from './${file}'\nconst loaded = await import('./${file}')`,
  )
  await notebook.shown('%autoreload off')
})

afterAll(closeAll)

const use = '[a, main(), all.a, loaded.a].join()'
const edit = (text = 'export const a: number = 2\nexport const gone = 1\nexport default () => a') =>
  notebook.write({ [file]: text })

test('names, the default and whole modules are renewed, and one line says so', async () => {
  await notebook.shown('%autoreload on')
  expect(await notebook.shown(use)).toBe("'1,1,1,1'")
  edit()
  const answer = await notebook.client.execute(use)
  expect(JSON.stringify(answer.iopub)).toContain(`[${file} was edited: loaded anew]`)
  expect(JSON.stringify(answer.iopub)).toContain("'2,2,2,2'")
  expect(await notebook.notices(use)).toBe('')
})

test('without it they stay as they were imported; it renews what was edited before', async () => {
  edit()
  expect(await notebook.shown(use)).toBe("'1,1,1,1'")
  await notebook.shown('%autoreload on')
  expect(await notebook.shown(use)).toBe("'2,2,2,2'")
})

test('a name that a cell declared anew is left alone', async () => {
  await notebook.shown('%autoreload on')
  await notebook.shown('const a = 7')
  edit()
  expect(await notebook.shown(use)).toBe("'7,2,2,2'")
})

test('a dependency of the module counts', async () => {
  notebook.write({
    'deep.ts': 'export let deep: number = 1',
    [file]: "import { deep } from './deep'\nexport const value = deep",
  })
  await notebook.shown(`import { value } from './${file}'`)
  await notebook.shown('%autoreload on')
  notebook.write({ 'deep.ts': 'export let deep: number = 2' })
  expect(await notebook.shown('value')).toBe('2')
})

test('a broken file leaves the names, is said once, and is taken once it is mended', async () => {
  await notebook.shown('%autoreload on')
  edit('export const a: number =\nexport default () => a')
  const notice = await notebook.notices(use)
  expect(notice).toContain(`'./${file}' could not be loaded anew, its names stay: SyntaxError:`)
  expect(notice).toContain(`${file}:2)`)
  expect(await notebook.shown(use)).toBe("'1,1,1,1'")
  expect(await notebook.notices(use)).toBe('')
  edit()
  expect(await notebook.shown(use)).toBe("'2,2,2,2'")
})

test('a name that is no longer exported keeps its value and says so', async () => {
  await notebook.shown('%autoreload on')
  edit('export const a: number = 2\nexport default () => a')
  expect(await notebook.notices('1')).toContain(`no longer exports 'gone': 'gone' keeps its value`)
  expect(await notebook.shown('[a, gone].join()')).toBe("'2,1'")
})

test('it tells its state, completes its words and refuses others', async () => {
  await notebook.shown('%autoreload on')
  expect(await notebook.shown('%autoreload')).toBe('%autoreload is on\n')
  expect(await notebook.shown('%autoreload 2')).toContain('Expected on or off, got 2')
  const code = '%autoreload o'
  const { reply } = await notebook.client.ask('complete_request', { code, cursor_pos: code.length })
  expect(reply.content['matches']).toEqual(['on', 'off'])
})

test.each([
  ['is gone', () => undefined],
  ['is a folder now', (path: string) => mkdirSync(path)],
  ['is a link to itself now', (path: string) => symlinkSync(path, path)],
])('a file that %s leaves the names, and the next cells run', async (_what, replace) => {
  await notebook.shown('%autoreload on')
  const path = join(notebook.path, file)
  rmSync(path)
  replace(path)
  expect(await notebook.notices(use)).toContain(`could not be loaded anew, its names stay`)
  expect(await notebook.shown(use)).toBe("'1,1,1,1'")
  rmSync(path, { force: true, recursive: true })
  edit()
  expect(await notebook.shown(use)).toBe("'2,2,2,2'")
})
