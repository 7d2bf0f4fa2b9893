// What the folder of a notebook has to do with type errors: its tsconfig, packages and files.
import { stripVTControlCharacters } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Client } from '../helpers/client.ts'
import { textOf } from '../helpers/shown.ts'
import { closeAll, start, startIn } from '../helpers/started.ts'
import { TYPES, executeChecked, untilTyped } from '../helpers/typing.ts'
import { languageServers } from '../helpers/typescript.ts'

async function said(client: Client, code: string): Promise<string> {
  const answer = await executeChecked(client, code)
  if (answer.reply.content['status'] !== 'ok') {
    return `${String(answer.reply.content['ename'])}\n${textOf(answer, 'stderr')}`
  }
  return stripVTControlCharacters(textOf(answer, 'stderr'))
}

describe('in a folder with packages and files', () => {
  let client: Client

  beforeAll(async () => {
    const kernel = await startIn({
      'data.json': '{ "rows": [1, 2] }',
      'helper.ts':
        'export interface Shape { side: number }\nexport const area = (s: Shape) => s.side ** 2',
      'run-me.ts':
        'export interface FromFile { a: number }\nexport const fromFile: FromFile = { a: 1 }',
      'node_modules/untyped/package.json': '{ "name": "untyped", "main": "index.js" }',
      'node_modules/untyped/index.js': 'module.exports = { answer: () => 42 }',
      'node_modules/hidden/package.json': JSON.stringify({
        name: 'hidden',
        type: 'module',
        exports: { '.': { node: './index.node.js' } },
      }),
      'node_modules/hidden/index.node.js': 'export const here = 1',
    })
    client = kernel.client
    await untilTyped(client)
  })

  afterAll(closeAll)

  test.each([
    ['JSON', ["import data from './data.json' with { type: 'json' }; data.rows.length"]],
    [
      'a local module with its extension',
      ["import { area } from './helper.ts'", 'area({ side: 2 })'],
    ],
    [
      'a type of a local module',
      ["import type { Shape } from './helper.ts'", 'const s: Shape = { side: 1 }'],
    ],
    ['a package without types', ["import untyped from 'untyped'", 'untyped.answer()']],
    ['a package that only the runtime resolves', ["import { here } from 'hidden'; here + 1"]],
    ['what %run brings', ['%run run-me.ts', 'const f: FromFile = fromFile', 'f.a']],
    [
      'global declarations',
      [
        'declare global { interface Array<T> { last1(): T } }',
        'const g = (x: number[]) => x.last1()',
      ],
    ],
    [
      'a global variable',
      [
        'declare global { var shared1: number }',
        '(globalThis as any).shared1 = 1; shared1.toFixed()',
        'shared1.toFixed()',
      ],
    ],
  ])('%s is right', async (_name, cells) => {
    for (const cell of cells) expect([cell, await said(client, cell)]).toEqual([cell, ''])
  })

  test('a local module used wrongly is wrong', async () => {
    expect(
      await said(
        client,
        "import { area as a2 } from './helper.ts'; a2({ edge: 2 } as never as string)",
      ),
    ).toContain('TS2345')
  })
})

describe('in a folder with a tsconfig', () => {
  afterEach(closeAll)

  test('a strict one demands types, and nothing of style or output', async () => {
    const compilerOptions = {
      strict: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      allowUnreachableCode: false,
      declaration: true,
      isolatedModules: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: true,
      importHelpers: true,
    }
    const { client } = await startIn({ 'tsconfig.json': JSON.stringify({ compilerOptions }) })
    await untilTyped(client)
    expect(await said(client, 'function free(a) { return a }')).toContain('TS7006')
    const styled = `const unused = 1
enum Kind { A }
function early(b: number) { return 1; b }
class Own { private never = 1 }
import { type Stats, statSync } from 'node:fs'
const stats = (x: Stats) => x.size`
    expect(await said(client, styled)).toBe('')
  })

  test('it counts from the cell on that wrote it', async () => {
    const { client } = await startIn({})
    await untilTyped(client)
    const write = (strict: boolean) =>
      said(
        client,
        `%%writefile tsconfig.json\n{ "compilerOptions": { "strictPropertyInitialization": ${strict} } }`,
      )
    expect(await said(client, 'class One { title: string }')).toContain('TS2564')
    await write(false)
    expect(await said(client, 'class Two { title: string }')).toBe('')
    await write(true)
    expect(await said(client, 'class Three { title: string }')).toContain('TS2564')
  })

  test('what import = require brought is typed in the next cell', async () => {
    const { client } = await startIn({})
    await untilTyped(client)
    expect(await said(client, "import fs = require('node:fs')")).toBe('')
    expect(await said(client, 'fs.existsSync("/")')).toBe('')
    expect(await said(client, 'const size: string = fs.statSync("/").size')).toContain('TS2322')
  })

  test('options that TypeScript refuses, and files that do not parse, are never shown', async () => {
    const compilerOptions = { target: 'es5', noSuchOption: true, lib: ['nonsense'], jsx: 'what' }
    const { client } = await startIn({ 'tsconfig.json': JSON.stringify({ compilerOptions }) })
    await untilTyped(client)
    expect(await said(client, 'const ok = new Map([[1, 2]]); ok.get(1)')).toBe('')
    expect(await said(client, 'const bad: number = "x"')).toContain('TS2322')
  })
})

describe('with a service that does not answer', () => {
  afterEach(closeAll)

  test('%types error runs the cell and says so', async () => {
    const kernel = await start({ env: TYPES })
    const { client } = kernel
    await untilTyped(client)
    await client.execute('%types error')
    const pids = languageServers(kernel.child.pid ?? 0)
    expect(pids).toHaveLength(1)
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    const answer = await client.execute('const n: number = "ran"; console.log(n)')
    expect(textOf(answer)).toBe('ran\n')
    expect(textOf(answer, 'stderr')).toBe('The types of this cell could not be checked: it runs.\n')
  })
})
