// What a person sees in the cell when the relay, its address or the post itself is wrong
// (docs/spec.md 4.1): a real kernel, and a server at its relay's address that gives wrong answers.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { answer, problem, startStandIn } from '../../post/test/helpers/relay.ts'
import type { Misbehaviour, StandIn } from '../../post/test/helpers/relay.ts'
import { GRANT, startHub } from '../../service/test/helpers/hub.ts'
import { spawnProgram, temporaryFolder } from '../../service/test/helpers/relay.ts'
import type { Folder } from '../../service/test/helpers/relay.ts'
import { until } from '../helpers/until.ts'
import { openNotebook } from './helpers/notebook.ts'
import type { Notebook } from './helpers/notebook.ts'

const HTML = '<!doctype html><title>Sign in</title>'

let folder: Folder
let relay: StandIn
let notebook: Notebook

beforeAll(async () => {
  folder = temporaryFolder()
  mkdirSync(join(folder.path, 'state', 'jupyterpost'), { recursive: true })
  relay = await startStandIn()
  relay.limits = { files: 3, fileBytes: 2000, postBytes: 9000, textBytes: 3000 }
  notebook = await openNotebook(folder, { JUPYTERPOST_URL: relay.url, JUPYTERPOST_TOKEN: 's3cret' })
}, 60_000)

afterAll(async () => {
  await notebook[Symbol.asyncDispose]()
  await relay.close()
  folder[Symbol.dispose]()
})

beforeEach(() => {
  relay.taken.length = 0
  relay.requests.length = 0
})

afterEach(() => {
  relay.misbehave = undefined
})

const posts = () => relay.requests.filter((request) => request.startsWith('POST'))
const texts = () =>
  relay.taken.map(({ manifest: { blocks } }) =>
    blocks.map((block) => ('text' in block ? block.text : block.type)).join(' '),
  )

test.each<[string, Misbehaviour, string[]]>([
  ['a login page', answer(302, '', { location: '/hub/login' }), ['JUPYTERPOST_URL is wrong']],
  ['HTML', answer(200, HTML), ['JUPYTERPOST_URL is wrong', 'no JSON']],
  ['another site', answer(404, HTML), ['JUPYTERPOST_URL is wrong', '404']],
  ['401', answer(401, ''), ['refuses this token (401)']],
  ['403 of the token check', problem(403, 'bad_token', 'Unknown token'), ['Unknown token', GRANT]],
  ['403 of the policy', problem(403, 'not_allowed', 'Not a member of ~lab'), ['Not a member']],
  [
    '404 of a target',
    problem(404, 'unknown_target', 'There is no ~labb', { nearest: ['lab', 'lab2'] }),
    ['There is no ~labb', 'lab, lab2'],
  ],
])('%s is an error of the cell that says what to do; nothing is kept', async (_, wrong, words) => {
  relay.misbehave = wrong
  const { ename, text } = await notebook.run('%post lab hello')
  expect(ename).toBe('PostError')
  for (const part of words) expect(text).toContain(part)
  if (text.includes('JUPYTERPOST_URL is wrong')) expect(text).toContain(relay.url)
  expect(text).not.toContain('s3cret')
  expect(posts()).toHaveLength(1)
  expect(notebook.waiting()).toEqual([])
})

test.each<[number, Record<string, string>]>([
  [429, { 'retry-after': '120' }],
  [500, {}],
  [502, {}],
  [503, {}],
  [504, {}],
  [507, {}],
])(
  '%i is one line below the cell; the post is sent later, once and in order',
  async (status, headers) => {
    relay.misbehave = answer(status, HTML, headers)
    const first = await notebook.run('%post lab first')
    expect(first).toMatchObject({ status: 'ok' })
    expect(first.text).toMatch(
      new RegExp(`^Not posted yet: the relay at .* says ${status}.*It is kept and sent to lab`),
    )
    expect(notebook.waiting()).toHaveLength(1)
    relay.misbehave = undefined
    const second = await notebook.run('%post lab second')
    expect(second.text).toContain('A waiting post was sent')
    expect(texts()).toEqual(['first', 'second'])
    expect(notebook.waiting()).toEqual([])
  },
)

test('a post that waited, and that the chat refuses once it is sent, is told at a later cell', async () => {
  relay.misbehave = answer(503, HTML)
  await notebook.run('%post lab first')
  relay.misbehave = undefined
  const { end } = relay
  relay.end = { status: 'dead', error: 'no such channel' }
  let told = (await notebook.run('%post lab second')).text
  const count = () => told.split('was refused later').length - 1
  const both = async () => {
    told += (await notebook.run('1')).text
    return count() >= 2
  }
  await until(both, 'both are told', { saw: () => told })
  relay.end = end
  expect(count()).toBe(2)
})

test('a cell that failed stays failed when its post has to wait', async () => {
  relay.misbehave = answer(503, HTML)
  const { ename } = await notebook.run("%%post lab\nthrow new RangeError('loss is NaN')")
  expect(ename).toBe('RangeError')
  relay.misbehave = undefined
  await notebook.run('%post lab next')
  expect(texts()).toEqual([expect.stringContaining('error'), 'next'])
})

describe('what is over a limit is told with the limit and the size, before anything is sent', () => {
  test.each([
    ['a message', '%post lab ${"x".repeat(3100)}', ['KB of text', 'attach it as a file']],
    [
      'a file',
      "await post({ message: 'm', channel: 'lab', attachment: Buffer.alloc(2500) })",
      ['has 3 KB', 'files of up to 2 KB'],
    ],
    [
      'too many files',
      "await post({ message: 'm', channel: 'lab', attachment: Array.from({ length: 4 }, () => Buffer.alloc(1)) })",
      ['4 files', '3 in one post'],
    ],
    [
      'all together',
      "await post({ message: 'm'.repeat(2500), channel: 'lab', attachment: Array.from({ length: 3 }, () => Buffer.alloc(1900)) })",
      ['in all'],
    ],
  ])('%s', async (_, code, words) => {
    const { ename, text } = await notebook.run(code)
    expect(ename).toBe('PostError')
    for (const part of words) expect(text).toContain(part)
    expect(posts()).toEqual([])
    expect(notebook.waiting()).toEqual([])
  })

  test('a captured cell is posted as far as it fits, and what is left out is named', async () => {
    const { status } = await notebook.run(
      "%%post lab\nconsole.log('kept')\ndisplay({ 'image/png': Buffer.alloc(2500, 1).toString('base64') }, { raw: true })",
    )
    expect(status).toBe('ok')
    expect(texts()).toEqual([expect.stringMatching(/^kept Left out: output-1\.png \(2 KB\)$/)])
  })

  test('413 of a proxy before the relay is told as such', async () => {
    relay.misbehave = answer(413, HTML)
    const { ename, text } = await notebook.run('%post lab hello')
    expect({ ename, text }).toMatchObject({
      ename: 'PostError',
      text: expect.stringContaining('413'),
    })
    expect(notebook.waiting()).toEqual([])
  })
})

test.each(['%%post --oops lab', '%%post lab --oops', '%%post --slow soon lab', '%%post'])(
  'a bad flag, as in %j, shows the usage and runs nothing',
  async (line) => {
    const { ename, text } = await notebook.run(`${line}\nglobalThis.ran = true`)
    expect(ename).toBe('UsageError')
    expect(text).toMatch(/%%post/)
    expect((await notebook.run("'ran' in globalThis")).text).toBe('false')
    expect(posts()).toEqual([])
  },
)

test.each(['%post lab hello', "await post('hello', 'lab')", '%%post lab\nconsole.log(1)'])(
  'an interrupt while the relay has the post and does not answer ends the cell, which says that it may be stored: %j',
  async (code) => {
    const sent = Promise.withResolvers<void>()
    relay.misbehave = (request) => {
      request.resume().once('end', sent.resolve)
      return undefined
    }
    const id = await notebook.client.send('execute_request', { code })
    await sent.promise
    await notebook.client.ask('interrupt_request', {}, 'control')
    const { reply } = await notebook.client.answer(id)
    expect(reply.content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
    const said = await notebook.client.until(
      ({ parent, content }) =>
        parent['msg_id'] === id && JSON.stringify(content).includes('may be stored'),
    )
    expect(said.header.msg_type).toBe('display_data')
    expect(notebook.waiting()).toEqual([])
    expect((await notebook.run('1 + 1')).text).toBe('2')
  },
)

test('an interrupt while the relay is away ends the cell, which says that the post was not sent', async () => {
  const port = Number(new URL(relay.url).port)
  await relay.close()
  const cell = notebook.run('await 0\n%post lab hello')
  await notebook.client.until(({ content }) => content['execution_state'] === 'busy')
  await notebook.client.ask('interrupt_request', {}, 'control')
  const { text } = await cell
  expect(text).toMatch(/was not sent|interrupted/i)
  relay = await startStandIn(port)
  await notebook.run('%post lab next')
  expect(texts()).toEqual(['next'])
}, 60_000)

test('on a Hub without JUPYTERPOST_URL the cell says what the admin must set; no relay is started', async () => {
  using home = temporaryFolder()
  await using lost = await openNotebook(home, { JUPYTERHUB_USER: 'ada' })
  const { ename, text } = await lost.run('%post @me hello')
  expect(ename).toBe('PostError')
  expect(text).toMatch(/JUPYTERPOST_URL is not set[^]*admin[^]*start your server/)
  const status = await lost.run(
    "(await import('node:fs')).existsSync(process.env.JUPYTER_RUNTIME_DIR + '/relay.json')",
  )
  expect(status.text).toBe('false')
})

test('a server without the grant is told which one is missing and that it must be restarted', async () => {
  await using hub = await startHub()
  using home = temporaryFolder()
  hub.users.set('t-eve', { name: 'eve', scopes: ['self'] })
  await using real = spawnProgram('../../main', [], {
    ...home.env,
    JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
    JUPYTERHUB_SERVICE_PREFIX: '/services/jupyterpost/',
    JUPYTERPOST_LISTEN: '127.0.0.1:0',
    JUPYTERHUB_API_URL: hub.apiUrl,
    JUPYTERPOST_DATABASE: join(home.path, 'relay.sqlite'),
  })
  const url = (await real.line(/^Relay: /))?.replace('Relay: ', '')
  if (url === undefined) throw new Error(`The relay did not start: ${real.stderr()}`)
  await using server = await openNotebook(home, {
    JUPYTERHUB_USER: 'eve',
    JUPYTERHUB_API_TOKEN: 't-eve',
    JUPYTERPOST_URL: url,
  })
  const { ename, text } = await server.run('%post @me hello')
  expect(ename).toBe('PostError')
  expect(text).toContain(GRANT)
  expect(text).toMatch(/restarted|stopped and started again/)
})
