// The clone's Python environments: made once, updated when their requirements change, otherwise
// left alone.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { inVenv, prepareVenv } from '../start/venv.ts'

const LIMIT = 120_000
let folder: string
let requirements: string
const said: string[] = []
const prepare = () =>
  prepareVenv({ folder: join(folder, '.venv'), requirements: [requirements] }, (line) => {
    said.push(line)
  })

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jupyterpost-venv-'))
  requirements = join(folder, 'requirements.txt')
  // No package, so nothing is fetched.
  writeFileSync(requirements, '# none yet\n')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test(
  'programs that need an environment at once make it once',
  async () => {
    await Promise.all([prepare(), prepare()])
    expect(said.filter((line) => line.startsWith('Making'))).toHaveLength(1)
    expect(statSync(inVenv(join(folder, '.venv'), 'python')).isFile()).toBe(true)
  },
  LIMIT,
)

test(
  'an environment that is up to date is left alone',
  async () => {
    said.length = 0
    await prepare()
    expect(said).toEqual([])
  },
  LIMIT,
)

test(
  'changed requirements are installed into it, and a failure tells what pip said',
  async () => {
    writeFileSync(requirements, './no-such-package\n')
    await expect(prepare()).rejects.toThrow(/no-such-package/)
    expect(said.filter((line) => line.startsWith('Making'))).toEqual([])
    writeFileSync(requirements, '# none again\n')
    await prepare()
  },
  LIMIT,
)

test(
  'an environment whose Python is gone is made anew',
  async () => {
    said.length = 0
    rmSync(inVenv(join(folder, '.venv'), 'python'))
    await prepare()
    expect(said.filter((line) => line.startsWith('Making'))).toHaveLength(1)
  },
  LIMIT,
)
