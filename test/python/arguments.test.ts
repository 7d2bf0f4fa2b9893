// The words of `%post` in Python: the same lines and messages as in the TypeScript kernel, whose
// test reads the same file.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { pythonVenv } from '../setup/python.ts'

const root = join(import.meta.dirname, '../..')
const CASES = join(root, 'kernel/test/fixtures/flags-after-target.json')

const PROGRAM = `
import json, sys
from jupyterpost.magics.arguments import UsageError, parse_line
from jupyterpost.magics.flags import LINE

def outcome(line):
    try:
        return {"line": line, "message": parse_line(line, LINE).rest}
    except UsageError as error:
        words, usage, _ = str(error).partition("\\nUsage: ")
        return {"line": line, "error": words, "usage": usage != ""}

print(json.dumps([outcome(case["line"]) for case in json.load(open(sys.argv[1]))]))
`

test('a flag right after TARGET is a mistake in Python too, in the same words', async () => {
  const python = join(await pythonVenv('jupyter'), 'bin/python')
  const env = { PYTHONPATH: join(root, 'python') }
  const { stdout } = await promisify(execFile)(python, ['-B', '-c', PROGRAM, CASES], { env })
  const cases = z
    .array(z.object({ line: z.string(), error: z.string().optional() }).loose())
    .parse(JSON.parse(readFileSync(CASES, 'utf8')))
  expect(JSON.parse(stdout)).toEqual(
    cases.map((row) => (row.error === undefined ? row : { ...row, usage: true })),
  )
})
