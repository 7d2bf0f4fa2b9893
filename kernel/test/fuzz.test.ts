// Hostile bytes, JSON and values, and cells that try to take the kernel down: it answers after
// each.
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from '@jest/globals'
import { typesOf } from './helpers/client.ts'
import { abuse } from './helpers/abuse.ts'

const all = abuse({ env: { JUPYTERPOST_OUTPUT_LIMIT_MB: '1' } })
const signed = (parts: string[]): Buffer[] => all.client.frames(parts)

/** The first bytes of a ZeroMQ peer: protocol version 3.0, no security, a DEALER. */
const GREETING = Buffer.concat([
  Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]),
  Buffer.from('NULL'.padEnd(20, '\0')),
  Buffer.alloc(32),
])
const READY = Buffer.concat([
  Buffer.from([4, 28, 5]),
  Buffer.from('READY'),
  Buffer.from([11]),
  Buffer.from('Socket-Type'),
  Buffer.from([0, 0, 0, 6]),
  Buffer.from('DEALER'),
])
const MORE = 1
const LONG_MORE = 3

test.each<[string, Buffer]>([
  ['nothing', Buffer.alloc(0)],
  ['bytes that are no ZeroMQ', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['half a greeting', GREETING.subarray(0, 20)],
  ['a message without its end', Buffer.concat([GREETING, READY, Buffer.from([MORE, 1, 65])])],
  [
    'a frame that promises a petabyte',
    Buffer.concat([GREETING, READY, Buffer.from([LONG_MORE, 0, 4, 0, 0, 0, 0, 0, 0])]),
  ],
])('a connection that sends %s and goes', async (_name, bytes) => {
  const { ip, ports } = all.kernel.connection
  for (const port of Object.values(ports)) {
    const socket = connect(port, ip).resume()
    await once(socket, 'connect')
    socket.end(bytes)
    await once(socket, 'close')
  }
  await all.expectAlive()
})

const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

test.each<[string, string, string, string]>([
  ['content 10,000 levels deep', '"msg_type":"kernel_info_request"', '{}', deep(10_000)],
  ['metadata 10,000 levels deep', '"msg_type":"kernel_info_request"', deep(10_000), '{}'],
  ['a header 400 levels deep', `"msg_type":"kernel_info_request","x":${deep(400)}`, '{}', '{}'],
  [
    '__proto__ and constructor as keys',
    '"msg_type":"execute_request","__proto__":{"msg_type":"shutdown_request"}',
    '{"__proto__":{"a":1}}',
    '{"code":"1","__proto__":{"silent":true},"constructor":1,"toString":2,"user_expressions":{"__proto__":"2","constructor":"3"}}',
  ],
])('%s: one reply', async (_name, head, metadata, content) => {
  const { msg_id } = all.client.header('')
  await all.client.sendFrames(
    'shell',
    signed([`{"msg_id":"${msg_id}",${head}}`, '{}', metadata, content]),
  )
  const { reply } = await all.client.answer(msg_id)
  expect(reply.content['status']).toBe('ok')
  await all.expectAlive()
})

test('10,000 comm_opens, each closed by nobody: all are answered, none is kept', async () => {
  for (let thousand = 0; thousand < 10; thousand++) {
    const ids = []
    for (let i = 0; i < 1000; i++) {
      const content = { comm_id: `${thousand}-${i}`, target_name: 'none', data: {} }
      ids.push(await all.client.send('comm_open', content))
    }
    expect(typesOf(await all.client.transcript(ids.at(-1) ?? ''))).toContain('comm_close')
  }
  const closes = all.client.received.filter(({ header }) => header.msg_type === 'comm_close')
  expect(closes).toHaveLength(10_000)
  expect((await all.client.ask('comm_info_request')).reply.content['comms']).toEqual({})
}, 60_000)

test.each<[string, string]>([
  ['a cyclic bundle', "const c = {}; c.c = c; display({ 'application/json': c }, { raw: true })"],
  [
    'a bundle whose getter throws',
    "display({ get 'text/html'() { throw new Error('no') } }, { raw: true })",
  ],
  ['toJSON that throws', "display.json({ toJSON() { throw new Error('no') } })"],
  ['a bundle of BigInt and NaN', "display({ 'application/json': [1n, NaN] }, { raw: true })"],
  ['a bundle of functions and symbols', "display({ 'text/plain': () => 1 }, { raw: true })"],
  ['half of a surrogate pair', "display.html('\\ud800'); console.log('\\ud800'); '\\udc00'"],
  [
    'a Proxy that refuses everything',
    'new Proxy({}, new Proxy({}, { get() { throw new Error("no") } }))',
  ],
  ['a revoked Proxy', 'const r = Proxy.revocable({}, {}); r.revoke(); r.proxy'],
  [
    'a value whose inspection throws',
    "({ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no') } })",
  ],
  ['an object 10,000 levels deep', 'let o = {}; for (let i = 0; i < 1e4; i++) o = { o }; o'],
  ['a sparse array of 4 billion', 'const a = []; a.length = 2 ** 32 - 1; a'],
  ['a string of 50 MB', "'x'.repeat(5e7)"],
  ['a display of 20 MB', "display.html('x'.repeat(2e7)); void 0"],
  ['a display of 100 MB', `display.html('"'.repeat(1e8)); void 0`],
  ['a class that lies about its name', 'new (class { static get name() { throw 1 } })()'],
  ['thrown undefined', 'throw undefined'],
  ['thrown null prototype', 'throw Object.create(null)'],
  ['a thrown Proxy', 'throw new Proxy(new Error(), { get() { throw 1 } })'],
  ['an error whose stack throws', 'throw { __proto__: Error.prototype, get stack() { throw 1 } }'],
  ['an error that is its own cause', 'const e = new Error("x"); e.cause = e; throw e'],
  ['ten thousand levels of brackets', '['.repeat(10_000)],
  ['ten thousand `else if`', `if (a) {}${' else if (a) {}'.repeat(10_000)}`],
])('%s: a reply, and the next cell runs', async (_name, code) => {
  const { reply, iopub } = await all.client.execute(code)
  expect(['ok', 'error']).toContain(reply.content['status'])
  expect(typesOf(iopub).at(-1)).toBe('idle')
  const size = iopub.reduce((sum, { content }) => sum + JSON.stringify(content).length, 0)
  expect(size).toBeLessThan(50_000_000)
  const { reply: next } = await all.client.execute('6 * 7')
  expect(next.content['status']).toBe('ok')
})

test.each<[string, string, string]>([
  ['an exception in a timer', 'setTimeout(() => { throw new Error("late") }, 1)', 'late'],
  ['an unhandled rejection', 'void Promise.reject(new Error("unheard"))', 'unheard'],
  ['a rejection with nothing', 'void Promise.reject()', 'undefined'],
])('%s is an error of its cell, and variables are kept', async (_name, code, expected) => {
  await all.client.execute("globalThis.kept = 'kept'")
  const id = await all.client.send('execute_request', { code })
  const error = await all.client.until(
    ({ header, parent }) => header.msg_type === 'error' && parent['msg_id'] === id,
  )
  expect(JSON.stringify(error.content)).toContain(expected)
  expect((await all.client.execute('kept.length.missing.x', {})).reply.content['ename']).toBe(
    'TypeError',
  )
})

test.each<[string, string, RegExp]>([
  ['process.exit(3)', 'process.exit(3)', /process\.exit\(3\)/],
  ['process.abort()', 'process.abort()', /SIGABRT/],
  ['a segmentation fault', "process.kill(process.pid, 'SIGSEGV'); for (;;) ;", /SIGSEGV/],
  ['process.reallyExit', 'process.reallyExit(9)', /9/],
  [
    'a closed link',
    "for (let fd = 0; fd < 32; fd++) try { require('fs').closeSync(fd) } catch {}; await 1",
    /./,
  ],
])(
  '%s ends the cell with a word, and a fresh runtime runs the next',
  async (_name, code, said) => {
    const { reply } = await all.client.execute(code)
    expect(reply.content['status']).toBe('error')
    expect(String(reply.content['evalue'])).toMatch(said)
    expect((await all.client.execute('6 * 7')).reply.content['status']).toBe('ok')
    await all.expectAlive()
  },
  20_000,
)

test('a cell that floods is cut with a word, and what follows it is not', async () => {
  const { reply, iopub } = await all.client.execute(
    "for (let i = 0; i < 500; i++) console.log('x'.repeat(9999)); 'result'",
  )
  expect(reply.content['status']).toBe('ok')
  const textOf = (name: string): string =>
    iopub
      .filter(({ content }) => content['name'] === name)
      .map(({ content }) => String(content['text']))
      .join('')
  // The limit, and what the allowance regained meanwhile.
  expect(textOf('stdout').length).toBeGreaterThanOrEqual(1_000_000)
  expect(textOf('stdout').length).toBeLessThan(1_100_000)
  expect(textOf('stderr')).toContain('more than 1 MB of text')
  expect(textOf('stderr')).toContain('MB of text were left out here')
  expect(typesOf(iopub)).toContain('execute_result')
  const next = await all.client.execute("console.log('next')")
  expect(next.iopub[2]?.content['text']).toBe('next\n')
})

test('a flood without end is interrupted', async () => {
  const id = await all.client.send('execute_request', {
    code: "for (;;) console.log('x'.repeat(1000))",
  })
  await all.client.until(
    ({ content, parent }) => parent['msg_id'] === id && content['name'] === 'stderr',
  )
  await all.client.ask('interrupt_request', {}, 'control')
  const { reply } = await all.client.answer(id)
  expect(reply.content['ename']).toBe('KeyboardInterrupt')
})
