// `%npm` through the whole kernel: the real npm, with a stand-in registry.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { lines, startWith } from '../helpers/npm.ts'
import type { NpmKernel } from '../helpers/npm.ts'
import { startRegistry } from '../helpers/registry.ts'
import type { Registry } from '../helpers/registry.ts'
import { textOf } from '../helpers/shown.ts'
import { closeAll } from '../helpers/started.ts'
import { TYPES, complete, untilTyped } from '../helpers/typing.ts'

let registry: Registry
let kernel: NpmKernel
let folder: string

const code = (text: string) => ({ 'index.js': text })

beforeAll(async () => {
  registry = await startRegistry()
  registry.publish('plain', '1.0.0', code('module.exports = "plain 1"'))
  registry.publish('plain', '1.2.0', code('module.exports = "plain 1.2"'))
  registry.publish('plain', '2.0.0', code('module.exports = "plain 2"'))
  registry.publish('@types/plain', '1.0.1', { 'index.d.ts': 'declare const x: 1\nexport = x' })
  registry.publish('@types/plain', '2.0.3', { 'index.d.ts': 'declare const x: 2\nexport = x' })
  const typed = { 'index.js': 'export const one = { deep: 1 }', 'index.d.ts': TYPED }
  registry.publish('typed', '3.0.0', typed, { type: 'module', types: 'index.d.ts' })
  registry.publish('@scope/it', '0.1.0', code('module.exports = "scoped"'))
  registry.publish(
    'moving',
    '1.0.0',
    {
      'main.js': 'exports.version = require("./part").version',
      'part.js': 'exports.version = 1',
    },
    { main: 'main.js' },
  )
  registry.publish(
    'moving',
    '2.0.0',
    {
      'main.js': 'export { version } from "#part"',
      'part.js': 'export const version = 2',
      'sub.js': 'export const inside = "inside 2"',
    },
    {
      type: 'module',
      exports: { '.': './main.js', './sub': './sub.js' },
      imports: { '#part': './part.js' },
    },
  )
  registry.publish(
    'holder',
    '1.0.0',
    { 'index.js': 'import * as moving from "moving"; export const held = moving.version' },
    { type: 'module', exports: './index.js', peerDependencies: { moving: '*' } },
  )
  const script = { scripts: { postinstall: "node -e \"fs.writeFileSync('ran', '')\"" } }
  registry.publish(
    'scripted',
    '1.0.0',
    code('module.exports = require("fs").readdirSync(__dirname)'),
    script,
  )
})

const TYPED = '/** One. */\nexport declare const one: { deep: 1 }'

beforeEach(async () => {
  kernel = await startWith(registry)
  folder = kernel.folder
})

afterEach(async () => {
  registry.answer.clear()
  await closeAll()
})
afterAll(() => registry.close())

test('without a project one is made in the folder; packages can be used in the next cell', async () => {
  const answer = await kernel.run('%npm add plain typed @scope/it')
  expect(textOf(answer)).toBe(`Installing into ${folder}/package.json ...\n`)
  expect(lines(answer).at(-1)).toMatch(
    /^Installed @scope\/it 0\.1\.0, plain 2\.0\.0, typed 3\.0\.0, @types\/plain 2\.0\.3 \(3 packages, [\d.]+ s\)$/,
  )
  expect(kernel.manifest()).toEqual({
    private: true,
    type: 'module',
    dependencies: { '@scope/it': '^0.1.0', plain: '^2.0.0', typed: '^3.0.0' },
    devDependencies: { '@types/plain': '^2.0.3' },
  })
  const used =
    "import plain from 'plain'\nimport { one } from 'typed'\nimport it from '@scope/it'\n[plain, one.deep, it].join()"
  expect(await kernel.value(used)).toBe("'plain 2,1,scoped'")
})

test('progress is one line that changes', async () => {
  const release = registry.hold('/typed')
  const id = await kernel.client.send('execute_request', { code: '%npm add plain typed' })
  await kernel.client.until(({ content }) => JSON.stringify(content).includes('... 1 looked up, '))
  release()
  const answer = await kernel.client.answer(id)
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
  const shown = answer.iopub.filter(({ header }) => header.msg_type === 'display_data')
  expect(shown).toHaveLength(1)
  expect(lines(answer)).toContainEqual(expect.stringMatching(/^\.\.\. 1 looked up, \d+ s$/))
  expect(lines(answer).at(-1)).toMatch(/^Installed plain 2\.0\.0, typed 3\.0\.0/)
  expect(textOf(answer, 'stderr')).toBe('')
})

test('packages are typed in the next cell, in a language server that knew the folder without them', async () => {
  const typed = await startWith(registry, TYPES)
  await untilTyped(typed.client)
  const cell = "import { one } from 'typed'\none.¦"
  expect((await complete(typed.client, cell)).texts).not.toContain('deep')
  await typed.run('%npm add typed')
  expect((await complete(typed.client, cell)).texts).toContain('deep')
})

test('a package whose import failed, and one in another version, are there without a restart', async () => {
  await kernel.fail("import plain from 'plain'", 'Error')
  await kernel.run('%npm add plain@1.0.0')
  expect(kernel.manifest()).toMatchObject({ devDependencies: { '@types/plain': '^1.0.1' } })
  expect(await kernel.value("import plain from 'plain'\nplain")).toBe("'plain 1'")
  const answer = await kernel.run('%npm add plain@2')
  expect(textOf(answer)).toContain('Import again to use what changed: plain\n')
  expect(await kernel.value("import plain from 'plain'\nplain")).toBe("'plain 2'")
  expect(await kernel.value("require('plain')")).toBe("'plain 2'")
  await kernel.run('%npm add plain@1.2.0')
  expect(await kernel.value("(await import('plain')).default")).toBe("'plain 1.2'")
})

test('a new version may have other exports, be another kind of module, and have importers that hold on to the old one', async () => {
  await kernel.run('%npm add moving@1 --no-types')
  expect(await kernel.value("import moving from 'moving'\nmoving.version")).toBe('1')
  await kernel.run('%npm add holder --no-types')
  expect(await kernel.value("import { held } from 'holder'\nheld")).toBe('1')
  await kernel.run('%npm add moving@2')
  expect(await kernel.value("import { version } from 'moving'\nversion")).toBe('2')
  expect(await kernel.value("import { inside } from 'moving/sub'\ninside")).toBe("'inside 2'")
  expect(await kernel.value("import { held } from 'holder'\nheld")).toBe('2')
  await kernel.run('%npm add moving@1')
  expect(await kernel.value("import moving from 'moving'\nmoving.version")).toBe('1')
})

test('a shell line may change packages too', async () => {
  await kernel.run('%npm add plain@1 --no-types')
  expect(await kernel.value("import plain from 'plain'\nplain")).toBe("'plain 1.2'")
  await kernel.run('! npm install plain@2')
  expect(await kernel.value("import plain from 'plain'\nplain")).toBe("'plain 2'")
})

test('a package that is a link to a store is loaded anew when the link changes', async () => {
  for (const [version, text] of Object.entries({
    one: 'exports.version = 1',
    two: 'exports.version = 2',
  })) {
    const store = join(folder, 'store', version, 'node_modules/linked')
    mkdirSync(store, { recursive: true })
    writeFileSync(join(store, 'package.json'), JSON.stringify({ main: `${version}.js` }))
    writeFileSync(join(store, `${version}.js`), text)
  }
  writeFileSync(join(folder, 'pnpm-lock.yaml'), '')
  writeFileSync(join(folder, 'package.json'), '{"dependencies": {"linked": "*"}}')
  mkdirSync(join(folder, 'bin'))
  mkdirSync(join(folder, 'node_modules'))
  const script = '#!/bin/sh\nln -sfn "../store/$2/node_modules/linked" node_modules/linked\n'
  writeFileSync(join(folder, 'bin/pnpm'), script, { mode: 0o755 })
  await kernel.run('process.env.PATH = `${process.cwd()}/bin:${process.env.PATH}`')
  await kernel.run('%npm add one --no-types')
  expect(await kernel.value("import linked from 'linked'\nlinked.version")).toBe('1')
  await kernel.run('%npm add two --no-types')
  expect(await kernel.value("import linked from 'linked'\nlinked.version")).toBe('2')
  expect(await kernel.value("require('linked').version")).toBe('2')
})

test('the nearest project above is used and named; --here makes one in the folder of the notebook, wherever cells are', async () => {
  const above = mkdtempSync(join(tmpdir(), 'jupyterpost-above-'))
  try {
    writeFileSync(join(above, 'package.json'), '{"name": "above"}')
    const inner = join(above, 'a/b')
    mkdirSync(inner, { recursive: true })
    const other = await startWith(registry, {}, inner)
    expect(textOf(await other.run('%npm add plain --no-types'))).toContain(
      `into ${above}/package.json ...`,
    )
    expect(await other.value("import plain from 'plain'\nplain")).toBe("'plain 2'")
    await other.run('%cd /')
    expect(textOf(await other.run('%npm add --here plain@1.0.0 --no-types'))).toContain(
      `into ${inner}/package.json ...`,
    )
    expect(other.manifest()).toMatchObject({ dependencies: { plain: '^1.0.0' } })
    const outer: unknown = JSON.parse(readFileSync(join(above, 'package.json'), 'utf8'))
    expect(outer).toMatchObject({ dependencies: { plain: '^2.0.0' } })
  } finally {
    rmSync(above, { recursive: true })
  }
})

test('in a workspace the package of the notebook gets it, and modules are those of the root', async () => {
  writeFileSync(join(folder, 'package.json'), '{"workspaces": ["packages/*"]}')
  const inner = join(folder, 'packages/one')
  mkdirSync(inner, { recursive: true })
  writeFileSync(join(inner, 'package.json'), '{"name": "one", "version": "1.0.0"}')
  const other = await startWith(registry, {}, inner)
  await other.run('%npm add plain --no-types')
  expect(other.manifest()).toMatchObject({ dependencies: { plain: '^2.0.0' } })
  expect(kernel.manifest()).toEqual({ workspaces: ['packages/*'] })
  expect(await other.value("import plain from 'plain'\nplain")).toBe("'plain 2'")
  expect(textOf(await other.run('%npm ls'))).toContain('plain    2.0.0')
})

test('folders with JavaScript that may be CommonJS get a project without a type', async () => {
  writeFileSync(join(folder, 'old.js'), 'exports.old = 1')
  await kernel.run('%npm add typed')
  expect(kernel.manifest()).not.toHaveProperty('type')
  expect(await kernel.value("import { old } from './old.js'\nold")).toBe('1')
})

test('%npm remove takes the types along; %npm ls is a table', async () => {
  await kernel.run('%npm add plain@1 typed -E')
  expect(textOf(await kernel.run('%npm ls'))).toBe(
    `${folder}/package.json
package       version  wanted
@types/plain  1.0.1    1.0.1   development
plain         1.2.0    1.2.0
typed         3.0.0    3.0.0
`,
  )
  const answer = await kernel.run('%npm remove plain')
  expect(lines(answer).at(-1)).toMatch(/^Removed plain, @types\/plain \([\d.]+ s\)$/)
  expect(kernel.manifest()).toMatchObject({ dependencies: { typed: '3.0.0' } })
  await kernel.fail("import('plain')", 'Error')
  expect(await kernel.fail('%npm rm typd', 'UsageError')).toContain(
    `${folder}/package.json has no typd; near it are typed`,
  )
})

test('%npm freeze offers a cell that installs the same elsewhere', async () => {
  await kernel.run('%npm add plain@1 typed@3 -D')
  const { reply } = await kernel.run('%npm freeze')
  const text = '%npm add --save-dev @types/plain@1.0.1 plain@1.2.0 typed@3.0.0'
  expect(reply.content['payload']).toEqual([{ source: 'set_next_input', text, replace: false }])
  await kernel.run('%npm add @scope/it')
  const both = await kernel.run('%npm freeze')
  const next = `${text}\n%npm add @scope/it@0.1.0`
  expect(both.reply.content['payload']).toEqual([expect.objectContaining({ text: next })])
  const other = await startWith(registry)
  await other.run(next)
  expect(textOf(await other.run('%npm ls'))).toContain('plain         1.2.0')
})

test('scripts of packages run, unless --ignore-scripts is given', async () => {
  await kernel.run('%npm add scripted --no-types --ignore-scripts')
  expect(await kernel.value("import files from 'scripted'\nfiles.includes('ran')")).toBe('false')
  const other = await startWith(registry)
  await other.run('%npm add scripted --no-types')
  expect(await other.value("import files from 'scripted'\nfiles.includes('ran')")).toBe('true')
})

test('values of the notebook are filled in, and never become flags', async () => {
  await kernel.run("const wanted = 'plain@1.0.0'\n%npm add ${wanted} --no-types")
  expect(kernel.manifest()).toMatchObject({ dependencies: { plain: '^1.0.0' } })
  expect(
    await kernel.fail("const flag = '--global'\n%npm add ${flag} plain", 'UsageError'),
  ).toContain('--global is no package')
})

test('completion knows commands, flags and installed packages', async () => {
  await kernel.run('%npm add plain typed')
  expect((await complete(kernel.client, '%npm ¦')).texts).toEqual(['add', 'remove', 'ls', 'freeze'])
  expect((await complete(kernel.client, '%npm add --h¦')).texts).toEqual(['--here'])
  expect((await complete(kernel.client, '%npm remove ty¦')).texts).toEqual(['typed'])
})

test("'jupyterpost' can be imported though nobody installed it", async () => {
  expect(
    await kernel.value("import { registerMagic } from 'jupyterpost'\ntypeof registerMagic"),
  ).toBe("'function'")
})
