// The lines of the log: readable, one for each event, and not to be forged from outside.
import { expect, test } from '@jest/globals'

import { parseConfig } from '../../config.ts'
import { printable, textLine } from '../../log-text.ts'
import { spawnProgram, temporaryFolder } from '../helpers/relay.ts'

const line = (fields: object) =>
  textLine(JSON.stringify({ level: 30, time: Date.UTC(2026, 0, 2, 3, 4, 5), ...fields }))

test('a line has time, level, words and fields', () => {
  const fields = {
    msg: 'refused a request',
    person: 'ada',
    targets: ['lab', '@bob'],
    rule: 'quota',
  }
  expect(line(fields)).toBe(
    '2026-01-02T03:04:05.000Z INFO  refused a request person=ada targets=["lab","@bob"] rule=quota\n',
  )
  expect(line({ req: { method: 'GET', path: '/x' }, res: { status: 200 } })).toBe(
    '2026-01-02T03:04:05.000Z INFO  req.method=GET req.path=/x res.status=200\n',
  )
})

test.each([
  ['a line feed', 'ada\n2026-01-02T03:04:05.000Z ERROR forged'],
  ['a carriage return', 'ada\rforged'],
  ['the line separator of Unicode', 'ada\u2028forged'],
  ['the next line of C1', 'ada\u0085forged'],
  ['an escape of a terminal', 'ada\u001b[2K\u009b2Kforged'],
  ['a change of direction', 'ada\u202eforged'],
  ['half a character', 'ada\ud800forged'],
])('%s in a name begins no line and moves nothing', (_, name) => {
  for (const fields of [{ person: name }, { msg: name }, { [name]: 1 }, { targets: [name] }]) {
    const text = line(fields)
    expect(text.trimEnd()).toMatch(/^[\x20-\x7e]+$/)
    expect(text.match(/\n/g)).toHaveLength(1)
  }
})

test('a name cannot pass for another field', () => {
  expect(line({ person: 'ada rule=none' })).toContain('person="ada rule=none"')
  expect(line({ person: 'ada" rule=none x="' })).toContain(
    String.raw`person="ada\" rule=none x=\""`,
  )
})

test('JSON stays JSON when its characters are escaped', () => {
  const value = { name: 'a\u009b\u2028\u{e0001}é\u{1f600}' }
  expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value)
  expect(printable('é\u{1f600}')).toBe('é\u{1f600}')
})

test('the form is text unless JSON is asked for; another one is refused', () => {
  using folder = temporaryFolder()
  expect(parseConfig(folder.env, {}).logFormat).toBe('text')
  expect(parseConfig({ ...folder.env, JUPYTERPOST_LOG_FORMAT: 'json' }, {}).logFormat).toBe('json')
  expect(() => parseConfig({ ...folder.env, JUPYTERPOST_LOG_FORMAT: 'xml' }, {})).toThrow(
    'JUPYTERPOST_LOG_FORMAT: expected text or json, got "xml"',
  )
})

test.each([
  ['text', /^\S+Z INFO +request completed req\.method=GET req\.path=\S+ res\.status=404 /m],
  ['json', /^\{"level":30,.*"req":\{"method":"GET","path":"[^"]+"\},"res":\{"status":404\}/m],
] as const)('a relay writes its log as %s', async (format, expected) => {
  using folder = temporaryFolder()
  const env = { ...folder.env, JUPYTERPOST_LOG: 'info', JUPYTERPOST_LOG_FORMAT: format }
  await using relay = spawnProgram('../../main', [], env)
  const url = (await relay.line(/^Relay: /))?.replace('Relay: ', '') ?? ''
  await fetch(new URL('api/v1/nothing?token=secret', url))
  relay.process.kill('SIGTERM')
  expect(await relay.exited).toBe(0)
  expect(relay.stderr()).toMatch(expected)
  expect(relay.stderr()).not.toContain('secret')
})
