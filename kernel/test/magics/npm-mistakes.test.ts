// What `%npm` says when something is wrong, and what it leaves behind: the real npm, with a
// stand-in registry or none.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { lines, startWith } from '../helpers/npm.ts'
import type { NpmKernel } from '../helpers/npm.ts'
import { childrenOf, commandOf } from '../helpers/process.ts'
import { startRegistry } from '../helpers/registry.ts'
import type { Registry } from '../helpers/registry.ts'
import { closeAll, gone, pidOfRuntime } from '../helpers/started.ts'
import { textOf } from '../helpers/shown.ts'
import { until } from '../../../test/helpers/until.ts'

let registry: Registry
let kernel: NpmKernel
let folder: string

beforeAll(async () => {
  registry = await startRegistry()
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) registry.publish('plain', version)
  registry.publish('needs', '1.0.0', {}, { peerDependencies: { plain: '^2' } })
  registry.publish('elsewhere', '1.0.0', {}, { dependencies: { 'no-such-part': '^3.0.0' } })
  const script = { scripts: { postinstall: 'echo cannot compile >&2; exit 3' } }
  registry.publish('broken-script', '1.0.0', {}, script)
  const sleep = { scripts: { postinstall: 'sleep 60 & wait' } }
  registry.publish('slow-script', '1.0.0', {}, sleep)
})

beforeEach(async () => {
  kernel = await startWith(registry)
  folder = kernel.folder
})

afterEach(async () => {
  registry.answer.clear()
  await closeAll()
})
afterAll(() => registry.close())

test('a package that does not exist is named; nothing is left of the project that was made for it', async () => {
  expect(await kernel.fail('%npm add no-such-thing')).toBe(
    `There is no package no-such-thing in the registry ${registry.url}
Check its name; a private one needs its own registry and a login, in .npmrc`,
  )
  expect(existsSync(join(folder, 'package.json'))).toBe(false)
  await kernel.run('%npm add plain --no-types')
  expect(await kernel.fail('%npm add elsewhere')).toContain(
    'There is no package no-such-part@^3.0.0, which a package of these needs, in the registry',
  )
  expect(kernel.manifest()).toMatchObject({ dependencies: { plain: '^2.0.0' } })
})

test('a wrong version is told with the versions that there are', async () => {
  expect(await kernel.fail('%npm add plain@7')).toBe(
    'No matching version found for plain@7.\nThere are 2.0.0, 1.1.0, 1.0.0',
  )
})

test.each([
  [401, /^The registry does not let you in \(E401\): .*\nLog in with `npm login` in a terminal/],
  [403, /^The registry does not let you in \(E403\): .*\nLog in/],
  [500, /^The registry has an error of its own \(E500\): .*\nTry again later$/],
])('a registry that answers %i', async (status, message) => {
  registry.answer.set('plain', (_, response) => void response.writeHead(status).end())
  expect(await kernel.fail('%npm add plain')).toMatch(message)
})

test('without a network the registry is named', async () => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const address = closed.address()
  const port = typeof address === 'object' ? address?.port : undefined
  closed.close()
  const url = `http://ada:secret-word@127.0.0.1:${port}/`
  const other = await startWith(registry, { npm_config_registry: url })
  const message = await other.fail('%npm add plain')
  expect(message).toMatch(
    /^The registry cannot be reached \(ECONNREFUSED\): .*\nCheck the network, and/,
  )
  expect(message).not.toContain('secret-word')
})

test("the registry and token of the folder's .npmrc are used", async () => {
  const tokens: unknown[] = []
  registry.answer.set('@mine/part', ({ headers }, response) => {
    tokens.push(headers.authorization)
    response.writeHead(404).end()
  })
  const host = registry.url.replace('http:', '')
  writeFileSync(
    join(folder, '.npmrc'),
    `@mine:registry=${registry.url}\n${host}:_authToken=word-of-mine\n`,
  )
  writeFileSync(join(folder, 'package.json'), '{}')
  expect(await kernel.fail('%npm add @mine/part')).not.toContain('word-of-mine')
  expect(tokens).toContain('Bearer word-of-mine')
})

test('versions that do not fit each other are told with what helps', async () => {
  const message = await kernel.fail('%npm add plain@1 needs')
  expect(message).toMatch(
    /^The packages need versions of each other that do not fit \(ERESOLVE\)\n/,
  )
  expect(message).toContain('peer plain@"^2" from needs@1.0.0')
  expect(message.endsWith('or let npm ignore it: --legacy-peer-deps')).toBe(true)
  await kernel.run('%npm add --legacy-peer-deps plain@1 needs --no-types')
})

test('a script that fails is shown with its own words, and the project is as before', async () => {
  await kernel.run('%npm add plain --no-types')
  const message = await kernel.fail('%npm add broken-script')
  expect(message).toContain('npm ended with exit code 3')
  expect(message).toContain('cannot compile')
  expect(kernel.manifest()).toMatchObject({ dependencies: { plain: '^2.0.0' } })
  await kernel.run("import plain from 'plain/package.json' with { type: 'json' }")
})

test('a package.json that is no JSON is named with what is wrong in it', async () => {
  writeFileSync(join(folder, 'package.json'), '{"private": tru')
  expect(await kernel.fail('%npm add plain')).toContain(
    `${folder}/package.json is no JSON, so nothing can be installed: `,
  )
  expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe('{"private": tru')
})

test('without npm the message says where it was looked for', async () => {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  await kernel.run(`process.env.PATH = ${JSON.stringify(bin)}`)
  expect(await kernel.fail('%npm add plain')).toBe(
    `There is no npm, neither beside the Node of this kernel (${process.execPath}) nor on PATH. ` +
      'Install it, for example with Node from https://nodejs.org, and restart the kernel',
  )
  expect(existsSync(join(folder, 'package.json'))).toBe(false)
})

test.each([
  ['pnpm-lock.yaml', '', 'pnpm', 'add -D -E --ignore-scripts plain@1.0.0'],
  ['yarn.lock', '', 'yarn', 'add -D -E --ignore-scripts plain@1.0.0'],
  ['bun.lock', '', 'bun', 'add --dev --exact --ignore-scripts plain@1.0.0'],
  ['package-lock.json', 'pnpm@10.0.0', 'pnpm', 'add -D -E --ignore-scripts plain@1.0.0'],
])('a project with %s and packageManager %j is kept by %s', async (lock, said, manager, words) => {
  writeFileSync(join(folder, lock), '')
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify(said === '' ? {} : { packageManager: said }),
  )
  const add = '%npm add -D --save-exact --ignore-scripts --no-types plain@1.0.0'
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  await kernel.run(`process.env.PATH = ${JSON.stringify(bin)}`)
  const refused = await kernel.fail(add)
  expect(refused).toContain(`says that the project is kept by ${manager}, which is not on PATH.`)
  expect(refused).toContain('--npm')
  writeFileSync(
    join(bin, manager),
    `#!/bin/sh\necho "$@" > said; exit $(/bin/cat code || echo 0)\n`,
  )
  chmodSync(join(bin, manager), 0o755)
  expect(textOf(await kernel.run(add))).toBe(
    `Installing into ${folder}/package.json by ${manager} ...\n`,
  )
  expect(readFileSync(join(folder, 'said'), 'utf8')).toBe(`${words}\n`)
  writeFileSync(join(folder, 'code'), '7')
  expect(await kernel.fail(add)).toContain(`${manager} ended with exit code 7`)
})

const MISTAKES: ReadonlyArray<readonly [code: string, message: string]> = [
  ['%npm', 'Expected add, remove, ls or freeze'],
  ['%npm add', 'Expected packages to add: `%npm add zod`'],
  ['%npm run build', '%npm has no command run. `! npm run ...` runs npm itself'],
  ['%npm ls plain', '%npm ls takes no packages, got plain'],
  ['%npm add --global plain', 'Unknown flag --global'],
  ['%npm add --prefix=/ plain', 'Unknown flag --prefix=/'],
  ['%npm add plain -g', '-g is no package'],
  ['%npm add -- -g', '-g is no package'],
  ['%npm add plain; rm -rf x', '"plain;" is no name of a package'],
  ['%npm add $(touch x)', '"$(touch" is no name of a package'],
  ['%npm add plain@$(x)', '"plain@$(x)" has no version that npm could know'],
  ['%npm add plain@', 'Expected a version after plain@'],
  ['%npm add ..', 'contains the project itself'],
  ['%npm add ../..', 'contains the project itself'],
  ['%npm add ./nothing', '/nothing'],
  ['%npm add /etc', '/etc is no package: it has no package.json'],
  [
    '%npm add lodash/fp',
    'lodash/fp is inside the package lodash: add that one. A repository on GitHub is github:lodash/fp',
  ],
  ['%npm add @scope', '"@scope" is no name of a package'],
  ['%npm add .hidden', '".hidden" is no name of a package'],
  ['%npm add javascript:alert(1)', 'is no name of a package'],
  ['%npm remove', 'Expected the names of packages to remove'],
  ['%npm remove plain@1', 'Expected a name without a version, got plain@1'],
]

test('a mistake in the line is told, and nothing is run', async () => {
  const before = [...registry.requests]
  for (const [code, message] of MISTAKES) {
    const said = await kernel.fail(code, 'UsageError')
    expect([code, said]).toEqual([code, expect.stringContaining(message)])
    expect(said).toContain('Usage: %npm ')
  }
  expect(registry.requests).toEqual(before)
  expect(existsSync(join(folder, 'x'))).toBe(false)
  expect(existsSync(join(folder, 'package.json'))).toBe(false)
})

test('a folder and an archive can be added; a word with blanks stays one', async () => {
  mkdirSync(join(folder, 'my part'))
  writeFileSync(join(folder, 'my part/package.json'), '{"name": "part", "version": "4.0.0"}')
  writeFileSync(join(folder, 'my part/index.js'), 'module.exports = "part"')
  const answer = await kernel.run('%npm add "./my part" --no-types')
  expect(lines(answer).at(-1)).toContain('Installed part 4.0.0')
  expect(await kernel.value("import part from 'part'\npart")).toBe("'part'")
  await kernel.run('%npm add "plain@>=1 <2" --no-types')
  expect(kernel.manifest()).toMatchObject({ dependencies: { plain: '^1.1.0' } })
})

test('%npm ls, remove and freeze without a project say how one is made', async () => {
  for (const code of ['%npm ls', '%npm freeze', '%npm remove plain']) {
    expect(await kernel.fail(code)).toBe(
      `There is no package.json in ${folder} or above it: \`%npm add NAME\` makes one`,
    )
  }
})

test.each([
  ['while npm waits for the registry', 'plain', '%npm add plain'],
  ['while a script of a package runs', undefined, '%npm add slow-script'],
])('an interrupt %s ends npm and its children, and the project goes on', async (_, held, code) => {
  await kernel.run('%npm add needs --no-types --legacy-peer-deps')
  const before = kernel.manifest()
  if (held !== undefined) registry.answer.set(held, undefined)
  const asked = registry.requests.length
  const id = await kernel.client.send('execute_request', { code })
  const pid = kernel.child.pid ?? 0
  const word = held === undefined ? 'sleep' : 'npm '
  await until(
    () => registry.requests.length > asked && programs(pid, word).length > 0,
    `${word} runs`,
  )
  const ours = ['npm ', 'sleep'].flatMap((one) => programs(pid, one))
  await kernel.client.ask('interrupt_request', {}, 'control')
  const { reply } = await kernel.client.answer(id)
  expect(reply.content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
  for (const one of ours) await gone(one)
  registry.answer.clear()
  expect(kernel.manifest()).toEqual(before)
  await kernel.run('%npm add plain --no-types')
  expect(await pidOfRuntime(kernel.client)).toBeGreaterThan(0)
})

/** Pids below the kernel, at any depth, whose command begins with the word. */
function programs(pid: number, word: string): number[] {
  const children = childrenOf(pid).flatMap((child) => [child, ...programs(child, '')])
  return children.filter((child) => commandOf(child).startsWith(word))
}
