// Schemathesis reads the relay's OpenAPI document and sends what it allows, and what it does not:
// each answer must be one of the document. JUPYTERPOST_SCHEMATHESIS=500 sends more.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

import { finish } from '../../../test/helpers/program.ts'
import { pythonVenv } from '../../../test/setup/python.ts'
import { temporaryFolder, testRelay } from '../helpers/relay.ts'

/** Requests made up for each operation, besides those that try the bounds of each field. */
const EXAMPLES = process.env['JUPYTERPOST_SCHEMATHESIS'] ?? '5'
const LIMIT = 240_000 + Number(EXAMPLES) * 10_000

test(
  'no request that schemathesis makes up is answered in a way that the document does not tell',
  async () => {
    const venv = await pythonVenv('schemathesis')
    using folder = temporaryFolder()
    await using relay = await testRelay(folder.env)
    const cwd = join(folder.path, 'schemathesis')
    mkdirSync(cwd)
    const { code, stdout, stderr } = await finish(
      join(venv, 'bin/st'),
      [
        '--config-file',
        join(import.meta.dirname, 'schemathesis.toml'),
        'run',
        `${relay.url}api/v1/openapi.json`,
        '--url',
        relay.url.replace(/\/$/, ''),
        '--header',
        `Authorization: token ${relay.token}`,
        '--phases=coverage,fuzzing,stateful',
        `--max-examples=${EXAMPLES}`,
        '--request-timeout=20',
        '--continue-on-failure',
        '--no-color',
        '--seed=1',
      ],
      { env: folder.env, cwd },
    )
    const told = `${stdout}\n${stderr}`
    expect(told).toMatch(/Tested: 2\d/)
    expect(code === 0 ? '' : told).toBe('')
  },
  LIMIT,
)
