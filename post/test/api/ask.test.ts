// Questions over HTTP to a stand-in for the relay: arguments, answers as one of the choices, and a
// relay that goes away and comes back.
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { askAndWait } from '../../api/asking.ts'
import type { Asked, AskingPost } from '../../api/asking.ts'
import { askFunction } from '../../api/ask-function.ts'
import type { AskArguments } from '../../api/ask-function.ts'
import type { PostError } from '../../contract/error.ts'
import { httpPosting } from '../../api/index.ts'
import { RelayPoster } from '../../relay/poster.ts'
import { relayProgram, testFolder } from '../helpers/folder.ts'
import type { TestFolder } from '../helpers/folder.ts'
import { closeServer, listen, problem, startStandIn } from '../helpers/relay.ts'
import type { StandIn } from '../helpers/relay.ts'

const { ask: askWith } = httpPosting(relayProgram)
const post = { ask: askFunction(askWith) }

let folder: TestFolder
let relay: StandIn
/** Options of `post.ask()`: the address of the stand-in. */
let to: { url: string; token: string }

beforeEach(async () => {
  folder = testFolder()
  relay = await startStandIn()
  to = { url: relay.url, token: 't' }
})

afterEach(async () => {
  await relay.close()
  folder.remove()
})

const posterTo = (): RelayPoster =>
  new RelayPoster({ env: { ...folder.env, LAB_PASSWORD: 'correct horse' }, relayProgram, ...to })

const question = (how: Partial<AskingPost['ask']> = {}): AskingPost => ({
  targets: ['@me'],
  blocks: [{ type: 'message', text: 'Continue?' }],
  files: [],
  ask: { choices: ['yes', 'no'], timeoutMs: 60_000, ...how },
})

const refused = (work: Promise<unknown>): Promise<PostError> =>
  work.then(
    (value) => Promise.reject(new Error(`answered with ${JSON.stringify(value)}`)),
    (error: PostError) => error,
  )

const port = () => Number(new URL(relay.url).port)

describe('what is asked', () => {
  test('a question with choices, a thread, an attachment and the time in ms', async () => {
    const attachment = new Blob(['abc'])
    const options = { ...to, timeout: '2h', otherwise: 'no', thread: 'run 7', attachment } as const
    const answered = post.ask('@me', 'Continue?', [' yes ', 'no'], options)
    relay.questions.answer(await relay.questions.next(), 'yes')
    expect(await answered).toBe(' yes ')
    expect(relay.taken[0]?.manifest).toEqual({
      targets: ['@me'],
      thread: 'run 7',
      blocks: [
        { type: 'message', text: 'Continue?' },
        { type: 'file', file: 0 },
      ],
      ask: { choices: ['yes', 'no'], timeoutMs: 7_200_000, otherwise: 'no' },
    })
  })

  test.each<[unknown[], number]>([
    [[], 86_400_000],
    [[[]], 86_400_000],
    [[undefined, { timeout: '90s' }], 90_000],
    [[{ timeout: '1.5h' }], 5_400_000],
    [[{ timeout: '30d' }], 2_592_000_000],
    [[{ timeout: 1000 }], 1000],
  ])('%j after the question asks for any text, for %i ms', async (rest, timeoutMs) => {
    const [choices, options] = rest.length === 2 ? rest : [[], rest[0]]
    const more = typeof options === 'object' ? options : {}
    const answered = askWith(['@me', 'Which rate?', choices, { ...more, ...to }])
    relay.questions.answer(await relay.questions.next(), '0.1\nor less')
    expect(await answered).toBe('0.1\nor less')
    expect(relay.taken[0]?.manifest.ask).toEqual({ choices: [], timeoutMs })
  })

  test.each<[AskArguments, string, string]>([
    [['', 'q'], 'bad_target', 'Expected a person'],
    [['../x', 'q'], 'bad_target', '"../x" is no target'],
    [['@me,lab', 'q'], 'bad_target', 'Expected one person to ask, got 2'],
    [['@me', '  '], 'bad_request', "Expected a question as text, got '  '"],
    [
      ['@me', 'q', 'yes', 'no'],
      'bad_request',
      "Expected choices as a list and then options as an object, got 'yes'",
    ],
    [['@me', 'q', ['yes', 1]], 'bad_request', 'Expected choices as texts, got 1 as number 2'],
    [
      ['@me', 'q', ['yes', ' ']],
      'bad_request',
      'Expected choices of 1 to 100 characters, got one of 0',
    ],
    [['@me', 'q', ['x'.repeat(101)]], 'bad_request', 'got one of 101'],
    [
      ['@me', 'q', [...Array(21).keys()].map(String)],
      'bad_request',
      'Expected at most 20 choices, got 21',
    ],
    [['@me', 'q', ['Yes', 'yes ']], 'bad_request', 'Expected choices that a reader can tell apart'],
    [['@me', 'q', [], { otherwise: 1 }], 'bad_request', 'Expected otherwise to be text, got 1'],
    [
      ['@me', 'q', { timeout: '2 hours' }],
      'bad_request',
      "a time from 1s to 30d like '90s', '30m', '2h', '1d' or a number of ms, got '2 hours'",
    ],
    [['@me', 'q', { timeout: '31d' }], 'bad_request', "got '31d'"],
    [['@me', 'q', { timeout: 999 }], 'bad_request', 'got 999'],
    [['@me', 'q', { timeout: Number.NaN }], 'bad_request', 'got NaN'],
    [['@me', 'q', { timeout: null }], 'bad_request', 'got null'],
  ])('%j is refused before anything is sent', async (args, code, message) => {
    const error = await refused(askWith(args))
    expect(error).toMatchObject({ name: 'PostError', code })
    expect(error.message).toContain(message)
    expect(relay.requests).toEqual([])
  })

  test('secrets are masked in the question and in its choices, and the answer is the choice as it was given', async () => {
    const seen: Asked[] = []
    const asked = question({ choices: ['correct horse', 'other'], otherwise: 'correct horse' })
    asked.blocks = [{ type: 'message', text: 'Is it correct horse?' }]
    const answered = askAndWait(posterTo(), asked, { onChange: (one) => seen.push(one) })
    relay.questions.answer(await relay.questions.next(), '[masked: LAB_PASSWORD]')
    expect(await answered).toBe('correct horse')
    expect(JSON.stringify(relay.taken[0]?.manifest)).not.toContain('horse')
    expect(seen[0]?.notices).toEqual(['1 secret masked'])
  })

  test('choices that are one when masked are refused', async () => {
    const tokens = ['a1B2', 'c3D4'].map((part) => `ghp_${part.repeat(9)}`)
    const asked = question({ choices: tokens })
    expect(await refused(askAndWait(posterTo(), asked))).toMatchObject({ code: 'bad_request' })
    expect(relay.taken).toEqual([])
  })
})

type Same<A, B> = [A, B] extends [B, A] ? true : false

test('the type of an answer is that of the choices and of otherwise', async () => {
  const ended = AbortSignal.abort(new Error('asked for its type only'))
  const options = { signal: ended, timeout: '2h' } as const
  const choices = post.ask('@me', 'Continue?', ['yes', 'no'], options)
  const other = post.ask('@me', 'Continue?', ['yes', 'no'], { ...options, otherwise: 'late' })
  const text = post.ask('@me', 'Which rate?', options)
  const none = post.ask('@me', 'Which rate?', [], options)
  const listed = post.ask('@me', 'Which run?', ['1', '2'].map(String), options)
  const isTyped: [
    Same<Awaited<typeof choices>, 'yes' | 'no'>,
    Same<Awaited<typeof other>, 'yes' | 'no' | 'late'>,
    Same<Awaited<typeof text>, string>,
    Same<Awaited<typeof none>, string>,
    Same<Awaited<typeof listed>, string>,
  ] = [true, true, true, true, true]
  expect(isTyped).not.toContain(false)
  for (const one of [choices, other, text, none, listed]) {
    await expect(one).rejects.toThrow('asked for its type only')
  }
})

describe('how it ends', () => {
  test('nobody answers: otherwise, or no_answer', async () => {
    for (const otherwise of ['no', undefined]) {
      const given = otherwise === undefined ? {} : { otherwise }
      const end = post.ask('@me', 'Continue?', ['yes'], { ...to, ...given, timeout: '90m' })
      const id = relay.questions.next()
      relay.questions.settle(await id, { state: 'expired', answer: otherwise })
      if (otherwise === undefined) {
        expect(await refused(end)).toMatchObject({
          code: 'no_answer',
          message:
            "No answer within 90m. With { otherwise: 'text' } the result is that text instead",
        })
      } else expect(await end).toBe('no')
    }
  })

  test('taken back elsewhere it is withdrawn, refused by the chat it is dead', async () => {
    const first = refused(post.ask('@me', 'Continue?', to))
    relay.questions.settle(await relay.questions.next(), { state: 'withdrawn' })
    expect(await first).toMatchObject({ code: 'withdrawn' })
    const second = refused(post.ask('@me', 'Continue?', to))
    relay.questions.settle(await relay.questions.next(), { state: 'failed', error: 'archived' })
    expect(await second).toMatchObject({
      code: 'dead',
      message: 'The question was not delivered: archived',
    })
  })

  test('a refusal of the relay is that of a post', async () => {
    relay.misbehave = problem(404, 'unknown_target', 'There is no @adaa', { nearest: ['@ada'] })
    const error = await refused(post.ask('@adaa', 'Continue?', to))
    expect(error).toMatchObject({ code: 'unknown_target', nearest: ['@ada'] })
  })

  test('an answer that is none of the choices is an error, not an answer', async () => {
    const end = refused(post.ask('@me', 'Continue?', ['yes', 'no'], to))
    relay.questions.answer(await relay.questions.next(), 'process.exit()')
    expect(await end).toMatchObject({ code: 'wrong_url' })
  })

  test('two questions at once get each its own answer', async () => {
    const answers = Promise.all([
      post.ask('@me', 'First?', ['yes', 'no'], to),
      post.ask('@me', 'Second?', ['yes', 'no'], to),
    ])
    const ids = [await relay.questions.next(), await relay.questions.next()].toSorted()
    relay.questions.answer(ids[1] ?? '', 'no')
    relay.questions.answer(ids[0] ?? '', 'yes')
    expect(await answers).toEqual(['yes', 'no'])
  })

  test('an abort takes the question back and rejects with its reason', async () => {
    const controller = new AbortController()
    const end = refused(post.ask('@me', 'Continue?', { ...to, signal: controller.signal }))
    const id = await relay.questions.next()
    controller.abort(new RangeError('enough'))
    expect(await end).toMatchObject({ name: 'RangeError', message: 'enough' })
    await relay.questions.withdrawn(id)
    const again = refused(post.ask('@me', 'Continue?', { ...to, signal: controller.signal }))
    expect(await again).toMatchObject({ name: 'RangeError' })
    expect(relay.taken).toHaveLength(1)
  })

  test('who waits is told where the question is: asked, its permalink, its answer', async () => {
    const seen: Array<[string | undefined, unknown]> = []
    const answered = askAndWait(posterTo(), question(), {
      onChange: (asked) => {
        seen.push([asked.post.url, asked.answer])
        if (asked.post.url !== undefined && asked.answer === undefined) {
          relay.questions.answer(asked.post.id, 'no')
        }
      },
    })
    expect(await answered).toBe('no')
    expect(seen).toEqual([
      [undefined, undefined],
      ['http://chat/1', undefined],
      ['http://chat/1', expect.objectContaining({ state: 'answered' })],
    ])
    expect(relay.questions.waits).toEqual([1, 2])
  })
})

describe('a relay that is away', () => {
  test('takes no question, and none is kept for later', async () => {
    await relay.close()
    const poster = posterTo()
    const error = await refused(askAndWait(poster, question({ otherwise: 'no' })))
    expect(error).toMatchObject({ code: 'relay_away' })
    expect(error.message).toMatch(/^Not asked: .*refuses connections.*not kept for later/)
    expect(await poster.spool.entries(poster.owner())).toEqual([])
  }, 20_000)

  test('while somebody waits is waited for', async () => {
    const answered = askAndWait(posterTo(), question())
    const id = await relay.questions.next()
    const at = port()
    await relay.close()
    relay.questions.answer(id, 'yes')
    relay = await startStandIn(at, relay.questions)
    expect(await answered).toBe('yes')
  }, 20_000)

  test('of which only its proxy is left, is waited for too', async () => {
    const { questions } = relay
    const answered = askAndWait(posterTo(), question())
    const id = await questions.next()
    const at = port()
    await relay.close()
    const proxy = createServer((_request, response) => {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html>')
      seen()
    })
    const { promise, resolve: seen } = Promise.withResolvers<void>()
    await listen(proxy, at)
    await promise
    await closeServer(proxy)
    questions.answer(id, 'yes')
    relay = await startStandIn(at, questions)
    expect(await answered).toBe('yes')
  }, 20_000)

  test('past the time and a grace is given up: otherwise, or no_answer that says so', async () => {
    const timeoutMs = 1000
    const asked = [question({ timeoutMs, otherwise: 'no' }), question({ timeoutMs })].map((one) =>
      askAndWait(posterTo(), one, { graceMs: 100 }).catch((error: PostError) => error),
    )
    await relay.questions.next()
    await relay.questions.next()
    await relay.close()
    expect(await asked[0]).toBe('no')
    expect(await asked[1]).toMatchObject({ code: 'no_answer' })
    expect(String(await asked[1])).toMatch(/within 1s; it is not known.*refuses connections/)
  }, 20_000)
})
