// Where a post goes if people name its target in their own words: by display name, by a link, a
// person without `@`. Nobody learns of a channel by it that they may not post to.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Destination, Target } from '../../chat/chat.ts'
import { Mattermost } from '../../chat/mattermost/index.ts'
import { ChatError } from '../../errors.ts'
import { parseTargets } from '../../policy/target.ts'
import { ALICE, deliveryTo, MemoryCheckpoint, MemoryLinks } from '../helpers/delivery.ts'
import { MattermostServer } from '../helpers/mattermost.ts'

const SIGNAL = new AbortController().signal

let server: MattermostServer
let chat: Mattermost

beforeEach(async () => {
  server = await MattermostServer.start()
  for (const name of ['alice', 'bob', 'ada']) server.addUser(name)
  server.addUser('stranger', { inTeam: false })
  addChannel('lab', 'The Lab')
  addChannel('town-square', 'Town Square')
  chat = new Mattermost({
    url: server.url,
    token: server.token,
    team: server.team,
    identity: { kind: 'same-name', names: {}, links: new MemoryLinks() },
    timeouts: { request: 10_000, upload: 10_000 },
  })
  await resolve('@me')
  server.requests.length = 0
})

afterEach(async () => {
  await server.close()
})

function addChannel(name: string, displayName: string, members = ['alice'], type?: 'O' | 'P') {
  const channel = server.addChannel(name, [...members, 'jupyterpost'], type)
  channel.display_name = displayName
  return channel
}

function targetOf(typed: string): Target {
  const [parsed] = parseTargets([typed])
  if (parsed === undefined) throw new Error(`No target: ${typed}`)
  return parsed.target
}

async function resolve(typed: string): Promise<Destination> {
  return chat.resolve(targetOf(typed), ALICE, SIGNAL)
}

async function label(typed: string): Promise<string> {
  return (await resolve(typed)).label
}

async function refusal(typed: string): Promise<ChatError> {
  const error: unknown = await resolve(typed).catch((reason: unknown) => reason)
  if (error instanceof ChatError) return error
  throw new Error(`Expected a refusal of ${typed}`)
}

test.each([
  '"Town Square"',
  'town SQUARE',
  '~"Town  Square"',
  '"Ｔown\u00a0Square"',
  '"To\u200bwn Square"',
])('the display name %s is that of one channel', async (typed) => {
  expect(await label(typed)).toBe('~town-square (Mattermost)')
})

test('a display name of one word is found if no channel and no person has that name', async () => {
  addChannel('x7', 'Ops')
  expect(await label('ops')).toBe('~x7 (Mattermost)')
})

test('a public channel that the bot is not in is found by its display name, and joined', async () => {
  server.addChannel('x8', ['alice']).display_name = 'Night Shift'
  expect(await label('"Night Shift"')).toBe('~x8 (Mattermost)')
})

test('the name wins over the display name: another channel called Town Square gets nothing', async () => {
  addChannel('x9', 'Town Square')
  addChannel('x10', 'lab')
  expect(await label('"Town Square"')).toBe('~town-square (Mattermost)')
  expect(await label('lab')).toBe('~lab (Mattermost)')
})

test('two channels with a display name that looks the same are named, and neither gets the post', async () => {
  addChannel('x11', 'Shift Plan')
  addChannel('x12', 'SHIFT PLAN')
  const { message, nearest, code } = await refusal('"Shift Plan"')
  expect({ nearest, code }).toEqual({ nearest: ['~x11', '~x12'], code: 'unknown_target' })
  expect(message).toContain('write ~x11 or ~x12')
})

test('a pasted display name with something invisible in it is the one that it looks like', async () => {
  addChannel('x14', 'Shift Plan')
  addChannel('x15', 'Shift\u200b Plan')
  expect(await label('"Shift\u200b Plan"')).toBe('~x14 (Mattermost)')
})

test('a display name that mixes alphabets is never taken, not even if it is pasted', async () => {
  addChannel('x13', 'Stаtus')
  expect((await refusal('"Stаtus"')).code).toBe('unknown_target')
  expect((await refusal('"Status"')).code).toBe('unknown_target')
})

test('a private channel is not found by its display name unless bot and person are in it, and is no hint', async () => {
  addChannel('secret-plan', 'Secret Plan', ['bob'], 'P')
  server.addChannel('secret-plot', ['alice'], 'P').display_name = 'Secret Plot'
  const answers = []
  for (const name of ['Secret Plan', 'Secret Plot', 'Secret None']) {
    const { message, nearest } = await refusal(`"${name}"`)
    expect(nearest).toEqual([])
    answers.push(message.replaceAll(name, 'NAME'))
  }
  expect(new Set(answers).size).toBe(1)
  addChannel('secret-pad', 'Secret Pad', ['alice'], 'P')
  expect(await label('"Secret Pad"')).toBe('~secret-pad (Mattermost)')
  expect((await refusal('secret-plan')).nearest).toEqual(['~secret-pad'])
})

test('a name without @ is a person if no channel has it; with ~ it never is', async () => {
  expect(await label('Ada')).toBe('@ada (Mattermost)')
  expect(await refusal('~ada')).toMatchObject({ code: 'unknown_target', nearest: [] })
  addChannel('bob', 'Bob')
  expect(await label('bob')).toBe('~bob (Mattermost)')
  expect((await refusal('stranger')).code).toBe('unknown_target')
})

test('a name that is neither gets the nearest of both, as they are written', async () => {
  addChannel('adam', 'Adam')
  expect((await refusal('adan')).nearest).toEqual(['@ada', '~adam'])
})

test('the first word of a display name without quotes is told the name of the channel', async () => {
  expect((await refusal('Town')).nearest).toEqual(['~town-square'])
})

test('a link leads to a channel or a person of this chat and this team only', async () => {
  const { url } = server
  expect(await label(`${url}/qt/channels/lab`)).toBe('~lab (Mattermost)')
  expect(await label(`${url}/qt/messages/@ada`)).toBe('@ada (Mattermost)')
  expect(await refusal(`${url}/qt/channels/ada`)).toMatchObject({ code: 'unknown_target' })
  for (const other of [`${url}/other/channels/lab`, 'https://evil.example/qt/channels/lab']) {
    const { message, code } = await refusal(other)
    expect(code).toBe('unknown_target')
    expect(message).toContain(`expected one that begins with ${url}/qt/`)
  }
})

test('a link may begin with the address that the server gives itself', async () => {
  server.state.config.SiteURL = 'https://chat.example.org/sub'
  await chat.ready(SIGNAL)
  expect(await label('https://chat.example.org/sub/qt/channels/lab')).toBe('~lab (Mattermost)')
})

test('an archived channel says so to those who know it, and to nobody else', async () => {
  const old = addChannel('old', 'Old')
  const hidden = addChannel('hidden', 'Hidden', ['bob'], 'P')
  for (const one of [old, hidden]) one.delete_at = 1
  for (const typed of ['old', '~Old', `${server.url}/qt/channels/old`])
    expect(await refusal(typed)).toMatchObject({
      code: 'not_allowed',
      message: expect.stringContaining('"~old" is archived'),
    })
  expect((await refusal('hidden')).code).toBe('unknown_target')
})

test('a channel that is archived before the delivery is told as archived', async () => {
  const old = addChannel('old', 'Old')
  const to = await resolve('old')
  old.delete_at = 1
  await expect(chat.deliver(deliveryTo(to), new MemoryCheckpoint(), SIGNAL)).rejects.toMatchObject({
    message: expect.stringContaining('is archived'),
    retryable: false,
  })
})

test.each([
  ['~lab', 3],
  ['lab', 3],
  ['@ada', 3],
])('%s costs %i requests besides those for the person', async (typed, count) => {
  await resolve(typed)
  const own = server.requests.filter(({ path }) => !path.startsWith(`/users/${aliceId()}`))
  expect(own.map(({ method, path }) => `${method} ${path}`)).toHaveLength(count)
})

function aliceId(): string {
  return server.state.user('alice').id
}

test('in a team of 20,000 channels a miss asks for 50 at a time and little more', async () => {
  for (let n = 0; n < 20_000; n += 1) server.addChannel(`room-${n}`, ['alice', 'jupyterpost'])
  expect((await refusal('rooms')).nearest).toHaveLength(3)
  expect(server.requests.length).toBeLessThan(30)
})
