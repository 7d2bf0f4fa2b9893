import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { z } from 'zod'

import type { Need } from '../chat/index.ts'
import { parseChats } from '../config-chats.ts'
import { ConfigError, parseConfig } from '../config.ts'
import type { Flags } from '../flags.ts'
import { ScriptedChat } from './helpers/chat.ts'
import { temporaryFolder } from './helpers/relay.ts'

const HUB = {
  JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
  JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:10101',
  JUPYTERHUB_API_URL: 'http://127.0.0.1:8081/hub/api/',
  JUPYTERPOST_DATABASE: '/var/lib/relay.sqlite',
}
const MATTERMOST = {
  MATTERMOST_URL: 'https://chat.example/api/v4/',
  MATTERMOST_TOKEN: 'secret',
  MATTERMOST_TEAM: 'qt',
}

/** Who names the mode means a relay of their own, and gives it their chat's token. */
const LOCAL: Flags = { mode: 'local' }

function refusal(env: NodeJS.ProcessEnv, flags: Flags = {}): string {
  try {
    parseConfig(env, flags)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'accepted'
}

test('without a Hub it is a local relay on a free port of loopback', () => {
  const config = parseConfig({ XDG_STATE_HOME: '/s' }, {})
  expect(config).toMatchObject({
    mode: 'local',
    listen: { host: '127.0.0.1', port: 0 },
    prefix: '/',
    database: '/s/jupyterpost/jupyterpost.sqlite',
    standard: 'inbox',
    idleMs: 30 * 60_000,
  })
})

test('the inbox keeps a year and 10 GiB, one person of a Hub a tenth of that, the outbox 90 days and 7', () => {
  const bytes = 10 * 1024 ** 3
  const outbox = { contentMs: 7 * 86_400_000, postMs: 90 * 86_400_000 }
  const inbox = { keepMs: 365 * 86_400_000, bytes }
  expect(parseConfig({}, {}).kept).toEqual({ outbox, inbox: { ...inbox, bytesPerPerson: bytes } })
  expect(parseConfig(HUB, {}).kept).toEqual({
    outbox,
    inbox: { ...inbox, bytesPerPerson: bytes / 10 },
  })
})

test('the file says what is kept, and names of people may be any', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'relay.json')
  const quota = { textPerHour: 5, people: { __proto__x: { postsPerMinute: 1 } }, groups: {} }
  const kept = {
    outbox: { contentDays: 1, days: 31 },
    inbox: { keepDays: 2, bytes: 100, bytesPerPerson: 10 },
  }
  writeFileSync(path, JSON.stringify({ quota, ...kept }))
  const config = parseConfig(HUB, { config: path })
  expect(config.kept).toEqual({
    outbox: { contentMs: 86_400_000, postMs: 31 * 86_400_000 },
    inbox: { keepMs: 2 * 86_400_000, bytes: 100, bytesPerPerson: 10 },
  })
  expect(config.quota).toMatchObject({ ...quota, postsPerMinute: 300 })
  writeFileSync(path, JSON.stringify({ outbox: { days: 30 } }))
  expect(parseConfig(HUB, { config: path }).problems[0]).toContain('outbox.days')
})

test('on a Hub, address and prefix come from the Hub', () => {
  const env = { ...HUB, JUPYTERHUB_SERVICE_PREFIX: '/jh/services/jupyterpost/' }
  expect(parseConfig(env, {})).toMatchObject({
    mode: 'hub',
    listen: { host: '127.0.0.1', port: 10101 },
    prefix: '/jh/services/jupyterpost/',
    hub: { apiUrl: 'http://127.0.0.1:8081/hub/api', serviceName: 'jupyterpost' },
    certificates: undefined,
    idleMs: undefined,
    problems: [],
    warnings: [],
  })
})

test('with a token for a chat, a relay is local only if --mode local says so', () => {
  const words = 'expected --mode local, because there is a token for mattermost'
  expect(refusal(MATTERMOST)).toContain(words)
  // A Hub's relay whose variables were lost would let everything of its user post.
  const { JUPYTERHUB_SERVICE_NAME: _, ...lost } = HUB
  expect(refusal({ ...lost, ...MATTERMOST })).toContain(words)
  expect(refusal(MATTERMOST, LOCAL)).toBe('accepted')
  expect(refusal({ ...HUB, ...MATTERMOST })).toBe('accepted')
  expect(refusal({})).toBe('accepted')
})

test('an external service is set up by --mode hub, a name and the address of the API', () => {
  const env = {
    JUPYTERHUB_API_URL: HUB.JUPYTERHUB_API_URL,
    JUPYTERPOST_LISTEN: '0.0.0.0:8080',
    JUPYTERPOST_DATABASE: '/d',
  }
  expect(parseConfig(env, { mode: 'hub' })).toMatchObject({
    listen: { host: '0.0.0.0', port: 8080 },
    prefix: '/services/jupyterpost/',
  })
})

test('Mattermost in the environment is the default service', () => {
  const { standard, chats } = parseConfig({ ...HUB, ...MATTERMOST }, {})
  expect(standard).toBe('mattermost')
  expect(chats).toMatchObject([{ name: 'mattermost', token: 'secret', team: 'qt' }])
})

test('a token file is read and trimmed', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'token')
  writeFileSync(path, 'from-file\n')
  const { MATTERMOST_TOKEN: _, ...rest } = MATTERMOST
  const { chats } = parseConfig({ ...rest, MATTERMOST_TOKEN_FILE: path }, LOCAL)
  expect(chats[0]?.token).toBe('from-file')
  writeFileSync(path, 'secret\nsecond line\n')
  expect(refusal({ ...rest, MATTERMOST_TOKEN_FILE: path })).toBe(
    'MATTERMOST_TOKEN_FILE: The token contains a character that no token has, such as a space or a line end',
  )
})

test('a line end after a token, an address or a team is no part of it, as in a mounted secret', () => {
  const mounted = Object.fromEntries(
    Object.entries({
      ...HUB,
      ...MATTERMOST,
      JUPYTERPOST_LISTEN: '127.0.0.1:8100',
    }).map(([name, value]) => [name, name.endsWith('NAME') ? value : ` ${value}\r\n`]),
  )
  expect(parseConfig(mounted, {})).toMatchObject({
    listen: { host: '127.0.0.1', port: 8100 },
    hub: { apiUrl: 'http://127.0.0.1:8081/hub/api' },
    chats: [{ url: MATTERMOST.MATTERMOST_URL, token: 'secret', team: 'qt' }],
    problems: [],
  })
  const { JUPYTERPOST_LISTEN: _, ...managed } = mounted
  expect(parseConfig(managed, {}).listen).toEqual({ host: '127.0.0.1', port: 10101 })
})

test('a token in the environment counts as missing if it is blank, and its file is read', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'token')
  writeFileSync(path, 'from-file\n')
  const env = { ...MATTERMOST, MATTERMOST_TOKEN: '\n', MATTERMOST_TOKEN_FILE: path }
  expect(parseConfig(env, LOCAL).chats[0]?.token).toBe('from-file')
})

test('a file may name several chats, the default one, limits and quotas', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'relay.json')
  const chat = { type: 'mattermost', url: 'https://a', team: 't', token: 'x' }
  writeFileSync(
    path,
    JSON.stringify({ chats: { one: chat, two: chat }, default: 'two', limits: { files: 3 } }),
  )
  const config = parseConfig({}, { ...LOCAL, config: path })
  expect(config.chats.map((one) => one.name)).toEqual(['one', 'two'])
  expect(config).toMatchObject({ standard: 'two', limits: { files: 3, fileBytes: 26214400 } })
})

/** The chats of a file with one of a made-up service. */
function chatsNeeding(...needs: Need[]) {
  const row = { needs, options: z.strictObject({}), create: () => new ScriptedChat() }
  const file = { chats: { phone: { type: 'ntfy', url: 'https://ntfy.example' } } }
  return parseChats({}, file, (parse) => parse(), new Map([['ntfy', row]])).chats
}

test('a chat service needs the settings that its row names, and no others', () => {
  expect(chatsNeeding()).toMatchObject([{ name: 'phone', type: 'ntfy', team: '', token: '' }])
  expect(() => chatsNeeding('token')).toThrow(
    "chats.phone.token: expected the bot's token, or its file",
  )
  expect(() => chatsNeeding('team')).toThrow(
    'chats.phone.team: expected the name of a team, got nothing',
  )
})

test.each([
  [{ ...HUB, JUPYTERHUB_SERVICE_URL: '' }, 'JUPYTERHUB_SERVICE_URL: expected'],
  [
    { ...HUB, JUPYTERHUB_SERVICE_URL: 'http+unix://%2Frun%2Frelay.sock' },
    'JUPYTERHUB_SERVICE_URL: expected http: or https:, got http+unix:',
  ],
  [
    { ...HUB, JUPYTERHUB_SERVICE_URL: 'https://x:1' },
    'JUPYTERHUB_SSL_KEYFILE, JUPYTERHUB_SSL_CERTFILE, JUPYTERHUB_SSL_CLIENT_CA: expected a file',
  ],
  [
    { ...HUB, JUPYTERHUB_SSL_KEYFILE: '/nowhere.key' },
    'JUPYTERHUB_SSL_KEYFILE: cannot read /nowhere.key',
  ],
  [{ ...HUB, JUPYTERHUB_API_URL: 'no' }, 'JUPYTERHUB_API_URL: expected'],
  [{ JUPYTERPOST_LISTEN: '127.0.0.1' }, 'JUPYTERPOST_LISTEN: expected host:port'],
  [{ JUPYTERPOST_LISTEN: '127.0.0.1:70000' }, 'JUPYTERPOST_LISTEN: expected host:port'],
  [{ JUPYTERPOST_LISTEN: '::1:80' }, 'JUPYTERPOST_LISTEN: expected host:port'],
  [{ JUPYTERPOST_IDLE_MINUTES: 'x' }, 'JUPYTERPOST_IDLE_MINUTES: expected a number of minutes'],
  [{ JUPYTERPOST_LOG: 'loud' }, 'JUPYTERPOST_LOG: expected one of'],
  [{ ...MATTERMOST, MATTERMOST_URL: 'ftp://x' }, 'MATTERMOST_URL: expected'],
  [{ ...MATTERMOST, MATTERMOST_TOKEN: ' ' }, 'MATTERMOST_TOKEN: expected'],
  [
    { ...MATTERMOST, MATTERMOST_TOKEN: 'secret\nX: y' },
    'MATTERMOST_TOKEN: The token contains a character that no token has',
  ],
  [
    { ...MATTERMOST, MATTERMOST_TOKEN: '', MATTERMOST_TOKEN_FILE: '/no' },
    'MATTERMOST_TOKEN_FILE: cannot read /no',
  ],
  [{ ...MATTERMOST, MATTERMOST_TEAM: '' }, 'MATTERMOST_TEAM: expected'],
])('the setting in %j is refused in one line: %s', (env: NodeJS.ProcessEnv, words) => {
  const message = refusal(env)
  expect(message).toContain(words)
  expect(message).not.toContain('\n')
  expect(message).not.toContain('secret')
})

test.each([
  [{ token: 'x' }, { url: 'chats.lab.url', team: 'chats.lab.team', token: 'chats.lab.token' }],
  [{ tokenFile: 'token' }, { token: 'chats.lab.tokenFile' }],
])('a service of a file with %j knows the names of its settings', (more, settings) => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'relay.json')
  const tokenFile = join(folder.path, 'token')
  writeFileSync(tokenFile, 'x')
  const lab = { type: 'mattermost', url: 'https://a', team: 't', ...more }
  const entry = 'tokenFile' in more ? { ...lab, tokenFile } : lab
  writeFileSync(path, JSON.stringify({ chats: { lab: entry } }))
  const { chats } = parseConfig({ JUPYTERPOST_CONFIG: path, ...MATTERMOST }, LOCAL)
  const named = new Map(chats.map((chat) => [chat.name, chat.settings]))
  expect(named.get('lab')).toMatchObject(settings)
  expect(named.get('mattermost')).toEqual({
    url: 'MATTERMOST_URL',
    team: 'MATTERMOST_TEAM',
    token: 'MATTERMOST_TOKEN',
  })
})

test.each([
  ['{', 'expected JSON'],
  ['{"chat": {}}', 'Unrecognized key'],
  [
    '{"chats": {"x": {"type": "slack", "url": "https://a", "team": "t", "token": "x"}}}',
    'chats.x.type: expected one of mattermost',
  ],
  [
    '{"chats": {"x": {"type": "constructor", "url": "https://a", "team": "t", "token": "x"}}}',
    'chats.x.type: expected one of mattermost',
  ],
  ['{"chats": {"X y": {"type": "mattermost"}}}', 'chats'],
  ['{"default": "slack"}', 'default: expected one of inbox, got "slack"'],
  ['{"limits": {"files": -1}}', 'limits.files'],
])('the file %s is refused: %s', (text, words) => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'relay.json')
  writeFileSync(path, text)
  expect(refusal({ JUPYTERPOST_CONFIG: path })).toContain(words)
})

test('on a Hub wrong settings are problems for /ready, for an exit would take the Hub down', () => {
  const wrong = { ...HUB, ...MATTERMOST, MATTERMOST_TEAM: '', JUPYTERPOST_LOG: 'loud' }
  const { problems, logLevel } = parseConfig(wrong, {})
  expect(problems).toEqual([
    expect.stringContaining('MATTERMOST_TEAM: expected'),
    expect.stringContaining('JUPYTERPOST_LOG: expected'),
  ])
  expect(logLevel).toBe('info')
})

test('on a Hub a wrong JUPYTERPOST_LISTEN is such a problem too, and the address of the Hub is used', () => {
  const { listen, problems } = parseConfig({ ...HUB, JUPYTERPOST_LISTEN: '0.0.0.0' }, {})
  expect(listen).toEqual(parseConfig(HUB, {}).listen)
  expect(problems).toEqual([expect.stringContaining('JUPYTERPOST_LISTEN: expected host:port')])
})

test.each([
  ['mattermost', { ...MATTERMOST, MATTERMOST_TEAM: '' }],
  ['of JUPYTERPOST_CONFIG', { JUPYTERPOST_CONFIG: '/nowhere.json' }],
])(
  'posts for a chat service with wrong settings are not for the inbox instead: %s',
  (name, env) => {
    expect(parseConfig({ ...HUB, ...env }, {})).toMatchObject({
      standard: name,
      brokenChats: expect.arrayContaining([name]),
      chats: [],
    })
  },
)

test.each([
  [{ ...HUB, JUPYTERHUB_API_URL: 'nowhere:hunter2@hub' }],
  [{ ...HUB, JUPYTERHUB_SERVICE_URL: 'ftp://me:hunter2@hub:1/?token=hunter2' }],
  [{ ...MATTERMOST, MATTERMOST_URL: 'ftp://me:hunter2@chat/?token=hunter2' }],
  [{ ...MATTERMOST, MATTERMOST_URL: 'me:hunter2@chat' }],
])('a wrong address is told without its password: %j', (env) => {
  const words = refusal(env)
  expect(words).toContain('expected')
  expect(words).not.toContain('hunter2')
})

test('the password in the address of the Hub is not sent, so no error shows it', () => {
  const env = { ...HUB, JUPYTERHUB_API_URL: 'http://me:hunter2@127.0.0.1:8081/hub/api/' }
  expect(parseConfig(env, {}).hub?.apiUrl).toBe('http://127.0.0.1:8081/hub/api')
})

test.each([
  '{"chats": {"mattermost": {"token": xoxb-hunter2}}}',
  '{"chats": {"mattermost": {"token": "xoxb-hunter2}}}',
  '{"token": "xoxb-hunter2" "x": 1}',
  'xoxb-hunter2',
])('a file that is not JSON is reported without its content: %j', (text) => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'config.json')
  writeFileSync(path, text)
  const words = refusal({ JUPYTERPOST_CONFIG: path })
  expect(words).toContain(`JUPYTERPOST_CONFIG: expected JSON in ${path}`)
  expect(words).not.toMatch(/hunter|xoxb/)
})
