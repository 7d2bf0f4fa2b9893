// Names and values that end a line or a header early: in file names, titles, targets, headers and
// addresses, on their way to the chat and into the log.
import { expect, test } from '@jest/globals'

import { startHub } from '../helpers/hub.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import { authorized, message, send, temporaryFolder } from '../helpers/relay.ts'
import { HubRelay, people } from '../faults/helpers/hub-relay.ts'
import { openSite } from './helpers/site.ts'

const NAMES = [
  'a.txt"\r\nX-Evil: 1\r\n\r\n<script>',
  'a.txt\r\n--boundary\r\nContent-Disposition: form-data; name="channel_id"\r\n\r\nother',
  "a'; filename*=UTF-8''%2e%2e%2fevil.txt",
  '../../../etc/cron.d/evil',
  '..\\..\\windows\\evil.txt',
  '\u202etxt.exe',
  '@all.txt',
  ' .\t. ',
  `${'x'.repeat(5000)}.txt`,
]

test('hostile names of files reach the chat as names, and add no header and no part to its request', async () => {
  await using site = await openSite('eve')
  const files = NAMES.map((name, n) => new File([`content ${n}`], name))
  const blocks = files.map((_, file) => ({ type: 'file', file }))
  await site.accepted('eve', { targets: ['lab'], blocks }, files)
  await site.texts(1)
  const lab = [...site.chat.state.channels.values()].find(({ name }) => name === 'lab')
  const uploads = site.chat.sent('POST', /^\/files/)
  expect(uploads).toHaveLength(NAMES.length)
  for (const [n, { body, headers }] of uploads.entries()) {
    expect(headers).not.toHaveProperty('x-evil')
    const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1] ?? '?'
    const parts = body.toString().split(`--${boundary}`).slice(1, -1)
    expect(parts).toHaveLength(2)
    expect(parts[0]).toContain(lab?.id)
    const [head = '', content] = parts[1]?.split('\r\n\r\n') ?? []
    expect(head.trim().split('\r\n')).toHaveLength(2)
    expect(content?.trim()).toBe(`content ${n}`)
  }
  for (const { name } of site.chat.state.files.values())
    expect(name).toMatch(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u)
  const nul = site.accepted('eve', { targets: ['lab'], blocks }, [new File([''], 'a\u0000b.txt')])
  await expect(nul).rejects.toThrow('400')
})

test('whatever somebody sends, each request is one line of the log, without content and tokens', async () => {
  using folder = temporaryFolder()
  await using hub = await startHub()
  await using chat = await MattermostServer.start()
  people(hub, 1, chat)
  const env = { JUPYTERPOST_LOG: 'debug', JUPYTERPOST_LOG_FORMAT: 'json' }
  await using relay = new HubRelay({ folder, hub, chat, env })
  await relay.start()
  const forged = '\r\n{"level":50,"time":1,"msg":"forged by eve"}\r\n\u001b[31mforged by eve\u2028'
  const at = { url: relay.url ?? '', token: 't-person00' }
  const answers = [
    await send(at, message(`content of eve ${forged}`, '@me')),
    await send(at, message('content of eve', `lab${forged}`)),
    await send(at, { ...message('content of eve', '@me'), thread: forged }),
    await send(at, { ...message('content of eve', '@me'), source: { notebook: forged } }),
    await send(at, `content of eve${forged}`),
    await send(at, message('content of eve', '@me'), { files: [new File(['x'], `a${forged}`)] }),
    await fetch(new URL(`api/v1/${encodeURIComponent(forged)}?token=secret-of-eve`, at.url), {
      headers: { ...authorized(at.token), 'user-agent': 'eve {"forged by eve"}' },
    }),
    await fetch(new URL('api/v1/posts', at.url), { headers: authorized('secret-of-eve') }),
    await fetch(new URL('api/v1/posts', at.url), {
      headers: { ...authorized(at.token), 'x-forwarded-for': 'forged by eve' },
    }),
  ]
  expect(answers.map(({ status }) => status)).toContain(202)
  expect(answers.some(({ status }) => status >= 400)).toBe(true)
  await chat.arrived('POST', /^\/posts$/)
  expect(await relay.stop()).toBe(0)
  const log = relay.spawned.stderr()
  const lines = log.trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(answers.length)
  for (const line of lines) {
    const parsed: unknown = JSON.parse(line)
    expect(parsed).toMatchObject({ level: expect.any(Number), msg: expect.any(String) })
    expect(parsed).not.toMatchObject({ msg: expect.stringContaining('forged') })
  }
  // Refused ones too.
  const logged = log.match(/"status":\d+/g) ?? []
  for (const { status } of answers) expect(logged).toContain(`"status":${status}`)
  expect(logged.length).toBeGreaterThanOrEqual(answers.length)
  for (const secret of ['content of eve', 'secret-of-eve', 't-person00', chat.token])
    expect(log).not.toContain(secret)
})
