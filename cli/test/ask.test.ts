// `jupyterpost ask` as a script runs it, against a stand-in for the relay: the answer on stdout,
// exit codes, and a signal that ends it.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { testFolder } from '../../post/test/helpers/folder.ts'
import type { TestFolder } from '../../post/test/helpers/folder.ts'
import { problem, startStandIn } from '../../post/test/helpers/relay.ts'
import type { StandIn } from '../../post/test/helpers/relay.ts'

const extension = import.meta.url.split('.').at(-1)
const MAIN = fileURLToPath(new URL(`../main.${extension}`, import.meta.url))

let folder: TestFolder
let relay: StandIn

beforeEach(async () => {
  folder = testFolder()
  relay = await startStandIn()
  Object.assign(folder.env, { JUPYTERPOST_URL: relay.url, JUPYTERPOST_TOKEN: 't' })
})

afterEach(async () => {
  await relay.close()
  folder.remove()
})

function ask(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, 'ask', ...args], {
    cwd: folder.path,
    env: folder.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  const ended = Promise.all([closed, text(child.stdout), text(child.stderr)]).then(
    ([code, stdout, stderr]) => ({ code, stdout, stderr }),
  )
  return { child, ended }
}

test('the answer alone is on stdout, what becomes of the question on stderr', async () => {
  const { ended } = ask('@me', 'Deploy?', 'yes', 'not now', '--timeout', '2h', '--thread', 'v2')
  relay.questions.answer(await relay.questions.next(), 'not now')
  const { code, stdout, stderr } = await ended
  expect([code, stdout]).toEqual([0, 'not now\n'])
  expect(stderr).toMatch(
    /^Asked @me \(stand-in\): waits for an answer until .* UTC\nAsked @me \(stand-in\): ada answered: not now\n$/,
  )
  expect(relay.taken[0]?.manifest).toMatchObject({
    thread: 'v2',
    blocks: [{ type: 'message', text: 'Deploy?' }],
    ask: { choices: ['yes', 'not now'], timeoutMs: 7_200_000 },
  })
})

test.each([
  [['--otherwise', 'no'], 0, 'no\n', 'no answer in time, so it is: no'],
  [[], 4, '', 'jupyterpost ask: No answer within 1d'],
])('with %j and nobody who answers the exit code is %i', async (flags, code, stdout, words) => {
  const { ended } = ask('@me', 'Deploy?', ...flags)
  const otherwise = flags[1]
  const end = { state: 'expired', ...(otherwise !== undefined && { answer: otherwise }) } as const
  relay.questions.settle(await relay.questions.next(), end)
  const result = await ended
  expect(result).toMatchObject({ code, stdout })
  expect(result.stderr).toContain(words)
})

test('a refusal is exit code 1, a relay that is away 3, a mistake 2 or its words', async () => {
  relay.misbehave = problem(400, 'bad_target', 'A question goes to one person')
  expect(await ask('lab', 'Deploy?').ended).toEqual({
    code: 1,
    stdout: '',
    stderr: 'jupyterpost ask: A question goes to one person\n',
  })
  const timeout = await ask('@me', 'Deploy?', '--timeout', 'soon').ended
  expect(timeout.code).toBe(2)
  expect(timeout.stderr).toMatch(
    /^jupyterpost ask: Expected --timeout to be a time from 1s to 30d like 90s, 30m, 2h or 1d, got 'soon'\n\nUsage: /,
  )
  expect(await ask('@me').ended).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Expected a TARGET and a QUESTION'),
  })
  await relay.close()
  expect(await ask('@me', 'Deploy?').ended).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/^jupyterpost ask: Not asked: .*refuses connections/),
  })
}, 30_000)

test.each([
  [['@me', ' '], 'Expected a QUESTION'],
  [['@me', 'Q?', '--timeout', '7200'], 'Expected --timeout'],
  [['@me', 'Q?', '--otherwise', 'x'.repeat(2001)], 'Expected --otherwise of at most 2000'],
  [['@me', 'Q?', 'yes', 'Yes'], 'Expected CHOICEs that a reader can tell apart'],
  [['@me', 'Q?', ''], 'Expected CHOICEs of 1 to 100 characters'],
  [['@me', 'Q?', ...Array.from({ length: 21 }, (_, n) => `${n}`)], 'Expected at most 20 CHOICEs'],
  [
    ['@me,@ada', 'Q?'],
    'Expected one person to ask, got 2: @me,@ada. Ask each in a call of its own',
  ],
])('a mistake in %j is told in words of the shell', async (args, words) => {
  const { stderr, stdout } = await ask(...args).ended
  expect(stderr).toContain(words)
  expect(stderr).not.toMatch(/post\.ask|await|Promise|number of ms|object|list/)
  expect(stdout).toBe('')
  expect(relay.requests).toEqual([])
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s takes the question back', async (signal) => {
  const { child, ended } = ask('@me', 'Deploy?')
  const id = await relay.questions.next()
  child.kill(signal)
  await relay.questions.withdrawn(id)
  const { code, stdout, stderr } = await ended
  expect([code, stdout]).toEqual([130, ''])
  expect(stderr).toMatch(/Asked @me \(stand-in\): taken back\n$/)
})
