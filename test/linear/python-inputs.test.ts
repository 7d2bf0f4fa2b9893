// No part of the Python package takes longer than two seconds for a megabyte of text, whatever it
// is made of.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { pythonVenv } from '../setup/python.ts'
import { SECRET_UNITS, UNITS } from './helpers/hostile-units.ts'

const PACKAGE = join(import.meta.dirname, '../../python')
const PROGRAM = join(import.meta.dirname, 'helpers/python_inputs.py')
/** For all texts together. */
const PATIENCE = 900_000

test(
  'a megabyte takes no part of the Python package longer than two seconds',
  async () => {
    const python = join(await pythonVenv('jupyter'), 'bin/python')
    const child = spawn(python, ['-B', PROGRAM, PACKAGE], { stdio: ['pipe', 'pipe', 'inherit'] })
    // Python cannot be given half a character.
    const any = UNITS.map((unit) => unit.toWellFormed())
    child.stdin.end(JSON.stringify({ any, secrets: [...any, ...SECRET_UNITS] }))
    expect(JSON.parse(await text(child.stdout))).toEqual([])
  },
  PATIENCE,
)
