// Words of a magic's line: docs/spec.md 1.3 and 1.4.
import { describe, expect, test } from '@jest/globals'
import { parseCellArguments, parseLineArguments } from '../../src/magics/arguments.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

const table = {
  usage: '%post [flags] TARGET [MESSAGE]',
  words: 1,
  flags: [
    { name: '--attach', short: '-a', value: 'FILE', repeatable: true, description: 'a file' },
    { name: '--thread', value: 'KEY', description: 'a thread' },
    { name: '--input', short: '-i', description: 'source first' },
    { name: '--raw', short: '-r', description: 'no run' },
  ],
}

type Row = [line: string, words: string[], flags: Record<string, string[]>]

describe('a line magic reads flags before TARGET and takes the rest as typed', () => {
  test.each<Row>([
    ['', [], {}],
    ['@me', ['@me'], {}],
    ['@me done', ['@me', 'done'], {}],
    ['  @me   two  blanks  ', ['@me', 'two  blanks'], {}],
    ['@me "in quotes"', ['@me', '"in quotes"'], {}],
    ["@me don't stop", ['@me', "don't stop"], {}],
    ['@me -5C outside', ['@me', '-5C outside'], {}],
    ['@me -- dashes', ['@me', 'dashes'], {}],
    ['@me $x$ and \\${y}', ['@me', '$x$ and \\${y}'], {}],
    ['007 agent', ['007', 'agent'], {}],
    ['1e3 0x10', ['1e3', '0x10'], {}],
    ['-i @me hi', ['@me', 'hi'], { input: [''] }],
    ['--input @me', ['@me'], { input: [''] }],
    ['--thread 007 @me hi', ['@me', 'hi'], { thread: ['007'] }],
    ['--thread=007 @me hi', ['@me', 'hi'], { thread: ['007'] }],
    ['--thread "run 7" @me', ['@me'], { thread: ['run 7'] }],
    ['--thread="run 7" @me hi', ['@me', 'hi'], { thread: ['run 7'] }],
    ["--attach 'my file.png' -a b.png @me", ['@me'], { attach: ['my file.png', 'b.png'] }],
    ['-i -r @me', ['@me'], { input: [''], raw: [''] }],
    ['-i -- @me --raw', ['@me', '--raw'], { input: [''] }],
    ['-- @me hi', ['@me', 'hi'], {}],
    ['--thread a.b @me', ['@me'], { thread: ['a.b'] }],
    ['__proto__ hi', ['__proto__', 'hi'], {}],
  ])('%j', (line, words, flags) => {
    const parsed = parseLineArguments(line, table)
    expect(parsed.words).toEqual(words)
    expect(Object.fromEntries(parsed.flags)).toEqual(flags)
  })
})

describe('a cell magic also takes exact flags after TARGET', () => {
  test.each<Row>([
    ['@me', ['@me'], {}],
    ['@me My title', ['@me', 'My title'], {}],
    ['@me My   title -i', ['@me', 'My   title'], { input: [''] }],
    ['@me -i My title', ['@me', 'My title'], { input: [''] }],
    ['@me -5C outside', ['@me', '-5C outside'], {}],
    ['@me at -5C -r', ['@me', 'at -5C'], { raw: [''] }],
    ['@me --thread 007 title', ['@me', 'title'], { thread: ['007'] }],
    ['@me --thread=007', ['@me'], { thread: ['007'] }],
    ['@me title -- --input', ['@me', 'title --input'], {}],
    ["@me don't -ir", ['@me', "don't -ir"], {}],
    ['@me "quoted title" 1.0', ['@me', '"quoted title" 1.0'], {}],
    ['-r @me -i', ['@me'], { raw: [''], input: [''] }],
    ['--attach a.png @me --attach b.png', ['@me'], { attach: ['a.png', 'b.png'] }],
  ])('%j', (line, words, flags) => {
    const parsed = parseCellArguments(line, table)
    expect(parsed.words).toEqual(words)
    expect(Object.fromEntries(parsed.flags)).toEqual(flags)
  })
})

describe('a mistake shows the usage and what was wrong', () => {
  test.each([
    [parseLineArguments, '--thraed x @me', 'Unknown flag --thraed'],
    [parseLineArguments, '-x @me', 'Unknown flag -x'],
    [parseLineArguments, '-ir @me', 'Unknown flag -ir'],
    [parseLineArguments, '-5C @me', 'Unknown flag -5C'],
    [parseLineArguments, '--no-input @me', 'Unknown flag --no-input'],
    [parseLineArguments, '--thread', 'thread'],
    [parseLineArguments, '--thread "" @me', '--thread needs a value'],
    [parseLineArguments, '--thread a --thread b @me', '--thread was given 2 times'],
    [parseCellArguments, '@me --thraed x', 'Unknown flag --thraed'],
    [parseCellArguments, '@me --thread', 'thread'],
    [parseCellArguments, '--thread a @me --thread b', '--thread was given 2 times'],
  ])('%p of %j', (parse, line, message) => {
    expect(() => parse(line, table)).toThrow(UsageError)
    expect(() => parse(line, table)).toThrow(message)
    expect(() => parse(line, table)).toThrow('Usage: %post [flags] TARGET [MESSAGE]')
  })
})
