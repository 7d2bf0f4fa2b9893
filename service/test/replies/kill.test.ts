// An answer is a promise too: after a relay was killed at any step of a question and started again,
// the question is answered or over as it would have been without the kill, and its post says so
// once.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from '@jest/globals'

import { RelayFile } from '../../../post/relay/relay-file.ts'
import { answerOf, asks, call, question, readPost, says } from '../helpers/questions.ts'
import type { At } from '../helpers/questions.ts'
import { allDelivered, events, spawnProgram, temporaryFolder } from '../helpers/relay.ts'
import type { Folder, Spawned } from '../helpers/relay.ts'

async function connect(relay: Spawned, folder: Folder): Promise<At> {
  await relay.line(/^Relay: /)
  const path = join(folder.path, 'runtime', 'relay.json')
  return RelayFile.parse(JSON.parse(readFileSync(path, 'utf8')))
}

const start = (folder: Folder, step = 'never') =>
  spawnProgram('../fixtures/dying-relay', [step, '1'], folder.env)

/** True if the relay answered before it died. */
async function answered(request: Promise<Response>): Promise<boolean> {
  try {
    return (await request).ok
  } catch {
    return false // TypeError: fetch failed, the relay is dead
  }
}

/** Resolves when the post's last line is this, in the inbox too. */
async function ends(at: At, id: string, line: string): Promise<void> {
  for await (const _ of events(at, '0')) {
    const last = (await readPost(at, id)).blocks.at(-1)
    if (last?.type === 'notice' && last.text === line) return
  }
}

function inbox(folder: Folder): string[] {
  const db = new DatabaseSync(join(folder.path, 'state', 'jupyterpost', 'jupyterpost.sqlite'))
  const rows = db.prepare('SELECT blocks FROM inbox_message ORDER BY n').all()
  db.close()
  return rows.map((row) => String(row.blocks))
}

async function stop(relay: Spawned): Promise<void> {
  relay.process.kill('SIGTERM')
  expect(await relay.exited).toBe(0)
}

test.each(['before-commit', 'committed', 'delivering', 'delivered', 'recorded'])(
  'killed at the step "%s" of asking, it is asked once and can be answered',
  async (step) => {
    using folder = temporaryFolder()
    {
      await using relay = start(folder, step)
      const at = await connect(relay, folder)
      await Promise.allSettled([asks(at, question(), { key: 'once' })])
      expect(await relay.exited).toBe('SIGKILL')
    }
    await using relay = start(folder)
    const at = await connect(relay, folder)
    const id = await asks(at, question(), { key: 'once' })
    await allDelivered(at, [id])
    expect(await answered(says(at, id, 'yes'))).toBe(true)
    expect(await answerOf(at, id, 20)).toMatchObject({ state: 'answered', answer: 'yes' })
    const { from } = await readPost(at, id)
    await ends(at, id, `${from} answered: yes`)
    await stop(relay)
    expect(inbox(folder)).toHaveLength(1)
  },
  60_000,
)

test.each([
  'before-reply',
  'replied',
  'before-end',
  'ended',
  'before-change',
  'changed',
  'editing',
  'edited',
  'written',
])(
  'killed at the step "%s" of an answer, it counts and the post says so',
  async (step) => {
    using folder = temporaryFolder()
    let id = ''
    let wasHeard = false
    {
      await using relay = start(folder, step)
      const at = await connect(relay, folder)
      id = await asks(at)
      await allDelivered(at, [id])
      wasHeard = await answered(says(at, id, 'yes'))
      expect(await relay.exited).toBe('SIGKILL')
    }
    await using relay = start(folder)
    const at = await connect(relay, folder)
    if (step === 'before-reply') {
      expect(wasHeard).toBe(false)
      await says(at, id, 'yes')
    }
    expect(await answerOf(at, id, 20)).toMatchObject({ state: 'answered', answer: 'yes' })
    const { from } = await readPost(at, id)
    const line = `${from} answered: yes`
    await ends(at, id, line)
    await stop(relay)
    const [blocks, ...others] = inbox(folder)
    expect(others).toEqual([])
    expect(JSON.parse(blocks ?? '')).toEqual([
      { type: 'message', text: 'Continue?' },
      { type: 'notice', text: line },
    ])
  },
  60_000,
)

test.each(['before-end', 'ended'])(
  'killed at the step "%s" of a question whose time is up, it is over when the relay is back',
  async (step) => {
    using folder = temporaryFolder()
    let id = ''
    {
      await using relay = start(folder, step)
      id = await asks(await connect(relay, folder), question({ timeoutMs: 1000, otherwise: 'no' }))
      expect(await relay.exited).toBe('SIGKILL')
    }
    await using relay = start(folder)
    const at = await connect(relay, folder)
    expect(await answerOf(at, id, 20)).toEqual({ state: 'expired', answer: 'no' })
    await ends(at, id, 'No answer in 1 s: no')
    await stop(relay)
  },
  60_000,
)

test('killed while it takes a question back, the question is over', async () => {
  using folder = temporaryFolder()
  let id = ''
  {
    await using relay = start(folder, 'ended')
    const at = await connect(relay, folder)
    id = await asks(at)
    await allDelivered(at, [id])
    await answered(call(at, 'DELETE', `${id}/answer`))
    expect(await relay.exited).toBe('SIGKILL')
  }
  await using relay = start(folder)
  const at = await connect(relay, folder)
  expect(await answerOf(at, id, 20)).toEqual({ state: 'withdrawn' })
  await ends(at, id, 'The question was taken back')
  await stop(relay)
}, 60_000)
