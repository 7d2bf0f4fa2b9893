// Cases that the tests of both languages run; `python/test/fixtures.py` reads them for Python.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'

const FOLDER = join(import.meta.dirname, '../../contract/fixtures')

/** `arguments` -> the cases in `post/contract/fixtures/arguments.json`. */
export function fixture<T>(name: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')))
}
