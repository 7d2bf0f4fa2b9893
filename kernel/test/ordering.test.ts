// The order of messages under load, and that none is lost: gathered text, the queue of cells, late
// output, input.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Client, typesOf } from './helpers/client.ts'
import { startInProcess } from './helpers/kernel.ts'
import type { InProcess } from './helpers/kernel.ts'
import { untilInterrupted } from './helpers/runtime-double.ts'

let all: InProcess

beforeEach(async () => {
  all = await startInProcess()
})

afterEach(() => all.close())

const textOf = (
  messages: Array<{ header: { msg_type: string }; content: Record<string, unknown> }>,
): string =>
  messages
    .filter(({ header }) => header.msg_type === 'stream')
    .map(({ content }) => String(content['text']))
    .join('')

test('the welcome is the first message a new client sees, also of the second client', async () => {
  const second = await new Client(all.kernel.connection).connect()
  try {
    for (const client of [all.client, second]) {
      const first = client.received.find(({ channel }) => channel === 'iopub')
      expect(first).toMatchObject({
        header: { msg_type: 'iopub_welcome' },
        parent: {},
        content: { subscription: '' },
        topic: '',
      })
    }
  } finally {
    second.close()
  }
})

test('100,000 lines arrive whole, in order, in few messages, before the reply', async () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`)
  all.runtime.programs.set('flood', ({ write }) => lines.forEach((line) => write(line)))
  const { iopub } = await all.client.execute('flood')
  expect(textOf(iopub)).toBe(lines.join(''))
  expect(iopub.length).toBeLessThan(30)
})

test('a surrogate pair is never split, however its halves arrive', async () => {
  all.runtime.programs.set('halves', async ({ write }) => {
    write('a\ud83d')
    // What was gathered is out, so the first half must wait in the kernel.
    await all.client.until(({ content }) => content['text'] === 'a')
    write('\ude00b')
  })
  const { iopub } = await all.client.execute('halves')
  expect(
    iopub
      .filter(({ header }) => header.msg_type === 'stream')
      .map(({ content }) => content['text']),
  ).toEqual(['a', '😀b'])
})

test('text is shown before what was shown after it: other stream, display, question', async () => {
  all.runtime.programs.set('mix', async ({ cellId, listener, write }) => {
    write('1')
    write('2', 'stderr')
    listener.output({
      type: 'display_data',
      cellId,
      content: { data: { 'text/plain': 'd' }, metadata: {} },
    })
    write('3')
    const answer = listener.call({
      cellId,
      method: 'input',
      params: { prompt: 'name? ' },
      signal: new AbortController().signal,
    })
    write(`hello ${String(await answer)}`)
  })
  const cell = await all.client.send('execute_request', { code: 'mix', allow_stdin: true })
  const question = await all.client.until(({ header }) => header.msg_type === 'input_request')
  expect(question).toMatchObject({
    channel: 'stdin',
    parent: { msg_id: cell },
    content: { prompt: 'name? ', password: false },
  })
  await all.client.until(({ content }) => content['text'] === '3')
  await all.client.send(
    'input_reply',
    { value: 'Ada' },
    { channel: 'stdin', parent: question.header },
  )
  const { iopub } = await all.client.answer(cell)
  expect(iopub.map(({ content }) => content['text']).filter(Boolean)).toEqual([
    '1',
    '2',
    '3',
    'hello Ada',
  ])
  expect(typesOf(iopub)).toEqual([
    'busy',
    'execute_input',
    'stream',
    'stream',
    'display_data',
    'stream',
    'stream',
    'idle',
  ])
})

test('200 cells sent at once run in order, each closed before the next begins', async () => {
  const ids: string[] = []
  for (let i = 0; i < 200; i++) ids.push(await all.client.send('execute_request', { code: `${i}` }))
  await all.client.answer(ids.at(-1) ?? '')
  const iopub = all.client.received.filter(
    (m) => m.channel === 'iopub' && m.parent['msg_id'] !== undefined,
  )
  expect(iopub.map((m) => m.parent['msg_id'])).toEqual(ids.flatMap((id) => [id, id, id, id]))
  const replies = all.client.received.filter(({ channel }) => channel === 'shell')
  expect(replies.map((m) => m.content['execution_count'])).toEqual(ids.map((_, i) => i + 1))
})

test('after a failed cell those queued behind it are aborted, other requests are served, later cells run', async () => {
  all.runtime.programs.set('fail', () => {
    throw new Error('first')
  })
  const [failed, second, info, third] = [
    await all.client.send('execute_request', { code: 'fail' }),
    await all.client.send('execute_request', { code: '2' }),
    await all.client.send('kernel_info_request'),
    await all.client.send('execute_request', { code: '3' }),
  ]
  expect((await all.client.answer(failed)).reply.content).toMatchObject({
    status: 'error',
    execution_count: 1,
  })
  for (const id of [second, third]) {
    const { reply, iopub } = await all.client.answer(id)
    expect(reply.content).toEqual({ status: 'aborted' })
    expect(typesOf(iopub)).toEqual(['busy', 'idle'])
  }
  expect((await all.client.answer(info)).reply.content['status']).toBe('ok')
  expect((await all.client.execute('4')).reply.content).toMatchObject({
    status: 'ok',
    execution_count: 2,
  })
})

test('with stop_on_error false the queue goes on', async () => {
  all.runtime.programs.set('fail', () => {
    throw new Error('first')
  })
  await all.client.send('execute_request', { code: 'fail', stop_on_error: false })
  const second = await all.client.send('execute_request', { code: '2' })
  expect((await all.client.answer(second)).reply.content['status']).toBe('ok')
})

test('while a cell runs, shell and control are served, and servers are told that it still runs', async () => {
  all.runtime.programs.set('wait', untilInterrupted)
  const cell = await all.client.send('execute_request', { code: 'wait' })
  await all.client.until((m) => m.header.msg_type === 'execute_input')
  const completion = await all.client.ask('complete_request', { code: 'a', cursor_pos: 1 })
  expect(completion.reply.content['matches']).toEqual(['a_completed'])
  await all.client.ask('kernel_info_request', {}, 'control')
  await all.client.ask('interrupt_request', {}, 'shell')
  const { iopub } = await all.client.answer(cell)
  expect(typesOf(iopub).slice(0, 3)).toEqual(['busy', 'execute_input', 'busy'])
  expect(typesOf(iopub).slice(-2)).toEqual(['error', 'idle'])
})

test('what a cell writes after its end still belongs to it', async () => {
  const later: Array<() => void> = []
  all.runtime.programs.set('late', ({ write }) => void later.push(() => write('late\n')))
  const late = await all.client.send('execute_request', { code: 'late' })
  await all.client.answer(late)
  await all.client.execute('another')
  later.forEach((write) => write())
  const stream = await all.client.until((m) => m.header.msg_type === 'stream')
  expect(stream).toMatchObject({ parent: { msg_id: late }, content: { text: 'late\n' } })
})

test('input is refused at once where the front end cannot answer', async () => {
  all.runtime.programs.set('ask', ({ cellId, listener }) =>
    listener.call({
      cellId,
      method: 'input',
      params: { prompt: '?' },
      signal: new AbortController().signal,
    }),
  )
  const { reply } = await all.client.execute('ask', { allow_stdin: false })
  expect(reply.content).toMatchObject({ status: 'error', ename: 'StdinNotAllowedError' })
})

test('an answer to no question, and junk on stdin, are ignored; an interrupt ends a question', async () => {
  all.runtime.programs.set('ask', ({ cellId, listener, signal }) =>
    listener.call({ cellId, method: 'input', params: { prompt: '?' }, signal }),
  )
  await all.client.send('input_reply', { value: 'stale' }, { channel: 'stdin' })
  await all.client.sendFrames('stdin', [Buffer.from('junk')])
  const cell = await all.client.send('execute_request', { code: 'ask', allow_stdin: true })
  const question = await all.client.until(({ header }) => header.msg_type === 'input_request')
  await all.client.send(
    'input_reply',
    { value: 'old' },
    { channel: 'stdin', parent: { msg_id: 'other' } },
  )
  await all.client.ask('interrupt_request', {}, 'control')
  expect((await all.client.answer(cell)).reply.content).toMatchObject({
    status: 'error',
    ename: 'KeyboardInterrupt',
  })
  await all.client.send(
    'input_reply',
    { value: 'late' },
    { channel: 'stdin', parent: question.header },
  )
  expect((await all.client.execute('1')).reply.content['status']).toBe('ok')
})

test('two questions at once are asked one after the other; the end of the input fails one alone', async () => {
  all.runtime.programs.set('askTwo', async ({ cellId, listener, signal, result }) => {
    const ask = (prompt: string) =>
      listener.call({ cellId, method: 'input', params: { prompt }, signal })
    const answers = await Promise.allSettled([ask('a?'), ask('b?')])
    result(answers.map((one) => String(one.status === 'fulfilled' ? one.value : one.reason)).join())
  })
  const { client } = all
  const cell = await client.send('execute_request', { code: 'askTwo', allow_stdin: true })
  const asked = (prompt: string) =>
    client.until(
      ({ header, content, parent }) =>
        header.msg_type === 'input_request' &&
        content['prompt'] === prompt &&
        parent['msg_id'] === cell,
    )
  const first = await asked('a?')
  // All earlier messages have come once this is answered: no second question among them.
  await client.ask('kernel_info_request')
  expect(client.received.filter(({ content }) => content['prompt'] === 'b?')).toEqual([])
  await client.send('input_reply', { value: '\u0004' }, { channel: 'stdin', parent: first.header })
  const second = await asked('b?')
  await client.send('input_reply', { value: 'yes' }, { channel: 'stdin', parent: second.header })
  const { iopub } = await client.answer(cell)
  const shown = iopub.find(({ header }) => header.msg_type === 'execute_result')
  expect(shown?.content['data']).toEqual({
    'text/plain': 'EndOfInputError: input ended without an answer,yes',
  })
})

test('two clients get their own replies and the same iopub', async () => {
  const other = await new Client(all.kernel.connection).connect()
  try {
    const mine = await all.client.execute('mine')
    const theirs = await other.execute('theirs')
    expect(await other.transcript(String(mine.reply.parent['msg_id']))).toHaveLength(4)
    expect(await all.client.transcript(String(theirs.reply.parent['msg_id']))).toHaveLength(4)
    expect(all.client.received.filter(({ channel }) => channel === 'shell')).toHaveLength(1)
  } finally {
    other.close()
  }
})

test('history: range, tail, search and what was printed', async () => {
  const ask = async (content: Record<string, unknown>): Promise<unknown> =>
    (await all.client.ask('history_request', content)).reply.content['history']
  for (const code of ['1 + 1', '1 + 2', '"x"', '1 + 1']) await all.client.execute(code)
  await all.client.execute('hidden', { store_history: false })
  const range = { hist_access_type: 'range', session: 0, start: 2, stop: 4 }
  expect(await ask(range)).toEqual([
    [1, 2, '1 + 2'],
    [1, 3, '"x"'],
  ])
  expect(await ask({ ...range, output: true, stop: 3 })).toEqual([[1, 2, ['1 + 2', '1 + 2']]])
  expect(await ask({ hist_access_type: 'tail', n: 2 })).toEqual([
    [1, 3, '"x"'],
    [1, 4, '1 + 1'],
  ])
  const search = { hist_access_type: 'search', pattern: '1 +*' }
  expect(await ask(search)).toEqual([
    [1, 1, '1 + 1'],
    [1, 2, '1 + 2'],
    [1, 4, '1 + 1'],
  ])
  expect(await ask({ ...search, unique: true })).toEqual([
    [1, 2, '1 + 2'],
    [1, 4, '1 + 1'],
  ])
  expect(await ask({ ...search, n: 1 })).toEqual([[1, 4, '1 + 1']])
  for (const empty of [
    { hist_access_type: 'x' },
    { hist_access_type: 'tail' },
    { hist_access_type: 'tail', n: -5 },
    { ...range, session: 999 },
  ]) {
    expect(await ask(empty)).toEqual([])
  }
})

test.each(['shell', 'control'] as const)(
  'shutdown on %s: reply there, the same on iopub, idle, then the end',
  async (channel) => {
    all.runtime.programs.set('wait', untilInterrupted)
    const running = await all.client.send('execute_request', { code: 'wait' })
    const queued = await all.client.send('execute_request', { code: '2' })
    await all.client.until((m) => m.header.msg_type === 'execute_input')
    const { reply, iopub } = await all.client.ask(
      'shutdown_request',
      channel === 'shell' ? {} : { restart: true },
      channel,
    )
    expect(reply.channel).toBe(channel)
    expect(reply.content).toEqual({ status: 'ok', restart: channel === 'control' })
    expect(typesOf(iopub)).toEqual(['busy', 'shutdown_reply', 'idle'])
    expect((await all.client.answer(running)).reply.content['status']).toBe('error')
    expect((await all.client.answer(queued)).reply.content['status']).toBe('aborted')
    await all.kernel.closed
    expect(all.runtime.closed).toBe(true)
  },
)

test('a request whose serving breaks off keeps no later one waiting, on control or in the queue of cells', async () => {
  // A log that fails is not caught by what catches a handler's own error.
  const { log } = all
  log.push = (...lines) => {
    if (lines.some((line) => line.includes('_request failed'))) throw new RangeError('disk full')
    return Array.prototype.push.apply(log, lines)
  }
  await all.client.send('inspect_request', { code: 'fail', cursor_pos: 4 }, { channel: 'control' })
  const info = await all.client.ask('kernel_info_request', {}, 'control')
  expect(info.reply.content).toMatchObject({ status: 'ok' })
  await all.client.send('execute_request', { code: 5, stop_on_error: false })
  expect((await all.client.execute('2')).reply.content).toMatchObject({ status: 'ok' })
  expect([...log]).toEqual([
    'a request could not be served to its end: RangeError',
    'a request could not be served to its end: RangeError',
  ])
})
