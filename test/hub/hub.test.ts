// Everything on real JupyterHubs: relays as managed services set up by configure_jupyterhub, users'
// servers started by the Hub, kernels in them that post, and the original's client. One Hub for
// each version, shared by the tests.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import sharp from 'sharp'
import { z } from 'zod'
import { Feed } from '../../post/contract/schema.ts'
import type { Channel } from '../../service/test/helpers/mattermost-state.ts'
import { MattermostServer } from '../../service/test/helpers/mattermost.ts'
import { pythonVenv } from '../setup/python.ts'
import { RELAYS } from './helpers/hub-config.ts'
import { startHub } from './helpers/hub.ts'
import type { TestHub } from './helpers/hub.ts'
import { openNotebook } from './helpers/notebook.ts'
import type { TestNotebook } from './helpers/notebook.ts'
import { startOutsideRelay } from './helpers/outside-relay.ts'
import type { OutsideRelay } from './helpers/outside-relay.ts'
import { runProgram } from './helpers/program.ts'

const root = join(import.meta.dirname, '../..')
/** Long, since the environments may have to be made first. */
const SETUP_LIMIT = 400_000
const LIMIT = 60_000
/** 1 x 1, red. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
)

async function dots(picture: Uint8Array | undefined) {
  const { data, info } = await sharp(picture)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { size: [info.width, info.height], colours: [...data] }
}

describe.each([
  ['hub5', '/'],
  ['hub6', '/jh/'],
] as const)('%s at %s', (version, baseUrl) => {
  let mattermost: MattermostServer
  let lab: Channel
  let hub: TestHub
  let outside: OutsideRelay
  let alice: TestNotebook
  let bob: TestNotebook

  beforeAll(async () => {
    await pythonVenv('original')
    mattermost = await MattermostServer.start()
    mattermost.addUser('alice')
    lab = mattermost.addChannel('lab', ['alice'])
    const { url, team, token } = mattermost
    hub = await startHub({
      version,
      baseUrl,
      mattermost: { url, team, token },
      async startOutside(about) {
        outside = await startOutsideRelay(about)
        return outside.origin
      },
    })
    await installKernel(hub.folder)
    const open = async (user: string) => openNotebook(await hub.startServer(user), hub.adminToken)
    ;[alice, bob] = await Promise.all([open('alice'), open('bob')])
  }, SETUP_LIMIT)

  afterAll(async () => {
    await Promise.all([alice?.close(), bob?.close()])
    await hub?.stop()
    await outside?.stop()
    await mattermost?.close()
  }, LIMIT)

  /** A user's token for this service only. */
  async function userToken(user: string, service: string): Promise<string> {
    const scopes = [`access:services!service=${service}`]
    const made = await hub.api('POST', `users/${user}/tokens`, { scopes, expires_in: 600 })
    return z.object({ token: z.string() }).parse(made).token
  }

  /** Sends the original's form by hand. */
  async function postForm(service: string, token: string, fields: Record<string, string>) {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    const headers = { authorization: `token ${token}` }
    return fetch(hub.serviceUrl(service), { method: 'POST', headers, body })
  }

  /** Texts of the posts that this user may read. */
  async function inboxOf(user: string): Promise<string[]> {
    const answer = await fetch(`${hub.serviceUrl('jupyterpost')}api/v1/posts`, {
      headers: { authorization: `token ${await userToken(user, 'jupyterpost')}` },
    })
    const { posts } = Feed.parse(await answer.json())
    return posts.flatMap(({ blocks }) => blocks.map((one) => ('text' in one ? one.text : one.type)))
  }

  test.each(RELAYS)('the root of %s answers everyone with one line', async (name) => {
    const answer = await fetch(hub.serviceUrl(name), { redirect: 'manual' })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toMatch(/^[^\n<]+\n?$/)
  })

  test.each([
    ['%post', '%post @me hello from the magic', 'hello from the magic'],
    ['post()', "await post('hello from code', '@me')", 'hello from code'],
  ])(
    '%s in a server with the grant posts to the inbox, which only its reader sees',
    async (_, cell, message) => {
      expect(await alice.run(cell)).toMatchObject({ status: 'ok', error: '' })
      expect(await inboxOf('alice')).toContain(message)
      expect(await inboxOf('bob')).toEqual([])
    },
    LIMIT,
  )

  test.each(['%post @me hello', "await post('hello', '@me')"])(
    '%j in a server from before the grant is told which grant it lacks, and to restart',
    async (cell) => {
      const { status, error } = await bob.run(cell)
      expect(status).toBe('error')
      expect(error).toMatch(/^PostError: .*access:services!service=jupyterpost.*restart/s)
    },
    LIMIT,
  )

  test(
    "the original's client posts text and a PNG with the server's token",
    async () => {
      const { text } = await alice.run('console.log(process.env.JUPYTERHUB_API_TOKEN)')
      const python = join(await pythonVenv('original'), 'bin/python')
      const code = `
import base64
from jupyterpost import post
post("as ever", "lab")
post("Check out my plot", "lab", base64.b64decode("${PNG.toString('base64')}"))
try:
    post("lost", "no-such-channel")
except ValueError as error:
    print(error)
`
      const ran = await runProgram(python, ['-c', code], {
        // The original's readme gives the address without a slash at its end.
        env: {
          JUPYTERPOST_URL: hub.serviceUrl('chat').replace(/\/$/, ''),
          JPY_API_TOKEN: text.trim(),
        },
      })
      expect(ran).toEqual({
        code: 0,
        stdout: expect.stringMatching(/^no-such-channel does not exist or is private/),
        stderr: '',
      })
      await mattermost.arrived('POST', /^\/posts$/, 2)
      const [plain, plot] = mattermost.messages(lab.id)
      expect(plain?.message).toMatch(/^\*\*alice\*\*[^\n]*\n+as ever$/)
      expect(plot?.message).toMatch(/Check out my plot$/)
      const files = (plot?.file_ids ?? []).map((id) => mattermost.state.files.get(id)?.bytes)
      // Pictures are encoded anew: the same dots in other bytes.
      expect(await Promise.all(files.map(dots))).toEqual([await dots(PNG)])
    },
    LIMIT,
  )

  test(
    "this package's own post() does the same from plain Python",
    async () => {
      const python = join(await pythonVenv(version), 'bin/python')
      const before = mattermost.sent('POST', /^\/posts$/).length
      const code = 'from jupyterpost import post; post("from Python", "lab")'
      const ran = await runProgram(python, ['-c', code], {
        env: {
          PYTHONPATH: join(root, 'python'),
          PYTHONDONTWRITEBYTECODE: '1',
          JUPYTERPOST_URL: hub.serviceUrl('chat'),
          JUPYTERPOST_TOKEN: await userToken('alice', 'chat'),
        },
      })
      expect(ran).toEqual({ code: 0, stdout: '', stderr: '' })
      await mattermost.arrived('POST', /^\/posts$/, before + 1)
      expect(mattermost.messages(lab.id).at(-1)?.message).toMatch(/from Python$/)
    },
    LIMIT,
  )

  test('a relay for a group refuses who is not in it, whatever their own token may', async () => {
    const made = await hub.api('POST', 'users/carol/tokens', { expires_in: 600 })
    const { token } = z.object({ token: z.string() }).parse(made)
    const refused = await postForm('chat', token, { channel: 'lab', message: 'x' })
    expect(refused.status).toBe(403)
    expect(await refused.text()).toContain('access:services!service=chat')
    const elsewhere = await postForm('jupyterpost', token, { channel: '@me', message: 'x' })
    expect(elsewhere.status).toBe(200)
  })

  test('a relay that runs outside, as the docs tell, takes posts through the proxy', async () => {
    const fields = { channel: '@me', message: 'from outside' }
    const sent = await postForm('outside', await userToken('alice', 'outside'), fields)
    expect(sent.status).toBe(200)
    const made = await hub.api('POST', 'users/carol/tokens', { expires_in: 600 })
    const { token } = z.object({ token: z.string() }).parse(made)
    expect((await postForm('outside', token, fields)).status).toBe(403)
    expect((await fetch(`${hub.serviceUrl('outside')}ready`)).status).toBe(200)
  })

  test('with a wrong token of the bot the relay stays up and /ready says so', async () => {
    const wrong = hub.serviceUrl('chat-wrong')
    const everybody = await fetch(`${wrong}ready`)
    expect([everybody.status, await everybody.json()]).toEqual([503, { status: 'not ready' }])
    const headers = { authorization: `token ${await userToken('root', 'chat-wrong')}` }
    const ready = await fetch(`${wrong}ready`, { headers })
    expect(ready.status).toBe(503)
    const report = await ready.text()
    expect(report).toMatch(/token/i)
    expect(report).not.toContain('not-the-token')
    expect((await fetch(`${wrong}health`)).status).toBe(200)
    expect((await fetch(`${hub.serviceUrl('chat')}ready`)).status).toBe(200)
    expect(await hub.api('GET', 'services/chat-wrong')).toMatchObject({ name: 'chat-wrong' })
  })

  test('details are for admins of the Hub, numbers for tokens with read:metrics', async () => {
    const at = hub.serviceUrl('jupyterpost')
    const ask = async (path: string, token: string) =>
      fetch(`${at}${path}`, { headers: { authorization: `token ${token}` } })
    const alices = await userToken('alice', 'jupyterpost')
    expect((await ask('ready', alices)).status).toBe(403)
    expect((await ask('metrics', alices)).status).toBe(403)
    const admins = await userToken('root', 'jupyterpost')
    expect(await (await ask('ready', admins)).json()).toMatchObject({ status: 'ready', parts: {} })
    expect((await ask('metrics', admins)).status).toBe(403)
    const scopes = ['read:metrics']
    const made = await hub.api('POST', 'users/root/tokens', { scopes, expires_in: 600 })
    const { token } = z.object({ token: z.string() }).parse(made)
    expect((await ask('ready', token)).status).toBe(403)
    const numbers = await ask('metrics', token)
    expect(numbers.headers.get('content-type')).toMatch(/^application\/openmetrics-text/)
    expect(await numbers.text()).toMatch(/^jupyterpost_hub_checks_total\{outcome="accepted"\} \d/m)
  })

  test(
    'a killed relay is started again by the Hub and delivers what it had accepted, once',
    async () => {
      const before = mattermost.sent('POST', /^\/posts$/).length
      mattermost.fail('POST', /^\/posts$/, { kind: 'hang' })
      const fields = { channel: 'lab', message: 'survives' }
      const sent = await postForm('chat', await userToken('alice', 'chat'), fields)
      expect(sent.status).toBe(200)
      await mattermost.arrived('POST', /^\/posts$/, before + 1)
      const { pid } = z.object({ pid: z.int() }).parse(await hub.api('GET', 'services/chat'))
      process.kill(pid, 'SIGKILL')
      await mattermost.arrived('POST', /^\/posts$/, before + 2)
      const survivors = mattermost
        .messages(lab.id)
        .filter(({ message }) => message.endsWith('survives'))
      expect(survivors).toHaveLength(1)
      expect(await hub.api('GET', 'services/chat')).not.toMatchObject({ pid })
    },
    LIMIT,
  )
})

/** Puts the kernelspec where the Hub's configuration makes servers look. */
async function installKernel(prefix: string): Promise<void> {
  mkdirSync(join(prefix, 'share'), { recursive: true })
  const args = [join(root, 'install.ts'), '--prefix', prefix]
  const ran = await runProgram(process.execPath, args, { env: { HOME: prefix } })
  if (ran.code !== 0) throw new Error(`install.ts: ${ran.stderr}`)
}
