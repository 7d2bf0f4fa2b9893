// No part of the program takes longer than two seconds for a megabyte of text, whatever it is made
// of.
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { finish } from '../helpers/program.ts'
import { READERS } from './helpers/readers.ts'

const program = join(import.meta.dirname, 'helpers/slow-readers.ts')
const shapes = join(import.meta.dirname, 'helpers/slow-shapes.ts')
/** For all texts together; each has its own two seconds. */
const PATIENCE = 300_000

async function slowTexts(set: 'texts' | 'secrets', name: string): Promise<unknown> {
  return said(program, set, name)
}

async function said(...words: string[]): Promise<unknown> {
  const node = ['--disable-warning=ExperimentalWarning', ...words]
  const { code, stdout, stderr } = await finish(process.execPath, node)
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

test.each(READERS.map(([name]) => name))(
  'a megabyte takes less than two seconds: %s',
  async (name) => {
    expect(await slowTexts('texts', name)).toEqual([])
  },
  PATIENCE,
)

test.each(['secrets', 'secrets in markup'])(
  'a megabyte of beginnings of secrets takes less than two seconds: %s',
  async (name) => {
    expect(await slowTexts('secrets', name)).toEqual([])
  },
  PATIENCE,
)

test(
  'posts whose parts multiply each other take less than two seconds',
  async () => {
    expect(await said(shapes)).toEqual([])
  },
  PATIENCE,
)
