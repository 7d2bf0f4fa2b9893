// The Python package: its own unit tests, those of hub/ with the traitlets of both Hubs, and what
// pip installs of it.
import { readFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { hubConfigSnippet } from '../../service/hub/snippet.ts'
import { pythonVenv } from '../setup/python.ts'
import { runProgram } from './helpers/program.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'python')
/** Long, since the environment may have to be made first. */
const LIMIT = 300_000

// Only hub/ imports JupyterHub: the rest runs once.
test.each([
  ['hub5', 'test/hub'],
  ['hub6', 'test'],
] as const)(
  'on the Python of %s the package keeps the promises that %s tests',
  async (version, tests) => {
    const python = join(await pythonVenv(version), 'bin/python')
    const snippet = hubConfigSnippet({ node: '/opt/node', script: '/opt/with "quotes"' })
    const ran = await runProgram(
      python,
      ['-W', 'error::ResourceWarning', '-m', 'unittest', 'discover', '-s', tests, '-t', '.'],
      { cwd: folder, env: { PYTHONDONTWRITEBYTECODE: '1', HUB_SNIPPET: snippet } },
    )
    expect(ran).toEqual({ code: 0, stdout: '', stderr: expect.stringMatching(/\nOK\n$/) })
  },
  LIMIT,
)

const documents = (place: string) => readdirSync(place).filter((name) => name.endsWith('.json'))

test(
  'pip installs the module alone, which finds the relay in the clone that it was installed from',
  async () => {
    const python = join(await pythonVenv('hub6'), 'bin/python')
    const target = mkdtempSync(join(tmpdir(), 'jupyterpost-pip-'))
    try {
      const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', target, folder]
      expect(await runProgram(python, args, {})).toMatchObject({ code: 0 })
      const { version } = z
        .object({ version: z.string() })
        .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
      expect(readdirSync(target).toSorted()).toEqual([
        'jupyterpost',
        `jupyterpost-${version}.dist-info`,
      ])
      expect(
        readdirSync(join(target, 'jupyterpost')).filter((name) => /\.(?:js|ts)$/.test(name)),
      ).toEqual([])
      expect(documents(join(target, 'jupyterpost/contract'))).toEqual(
        documents(join(root, 'post/contract')),
      )
      const code =
        'from jupyterpost.relay_command import relay_command; print(*relay_command(), sep="\\n")'
      const ran = await runProgram(python, ['-c', code], { env: { PYTHONPATH: target } })
      expect(ran).toEqual({
        code: 0,
        stdout: `${join(root, 'node_modules/node/bin/node')}\n${join(root, 'bin/jupyterpost')}\nrelay\n`,
        stderr: '',
      })
    } finally {
      rmSync(target, { recursive: true })
    }
  },
  LIMIT,
)
