// A relay opens what the version before it left: nothing is lost, nothing is shown twice, and work
// under way goes on.
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from '@jest/globals'
import { z } from 'zod'

import { WatchState } from '../../post/contract/watch.ts'
import { answerOf, call, readPost, says } from './helpers/questions.ts'
import {
  allDelivered,
  authorized,
  change,
  events,
  send,
  message,
  temporaryFolder,
  testRelay,
} from './helpers/relay.ts'

/**
 * Written by 0.1.0, before it counted attempts: killed while an edit and two deliveries were under
 * way, with ten posts behind them.
 */
const OLD = join(import.meta.dirname, 'fixtures/databases/0.1.0.sqlite')
/** A minute after that relay was killed. */
const NOW = 1_796_052_435_671
const PERSON = 'root'
const EDITED = '0ece6ef3-7ed3-43a6-b52c-b4d4e2e15f9f'
const ASKED = 'f8af4107-4b60-42be-968a-f5446903d376'
const ANSWERED = '35e343d6-b257-4815-a4ff-ae00835f1f14'
const WATCHED = '9fd20dfe-cf04-42af-9833-2df2d759d6ec'
const LANES = ['@me', 'lab', 'runs']

const Blocks = z.array(z.object({ text: z.string().optional() }))

/**
 * Written by version 1 of the tables: killed like `OLD`, also with a waiting edit, removal,
 * question and word for a watch.
 */
const FIRST = {
  path: join(import.meta.dirname, 'fixtures/databases/1.sqlite'),
  now: 1_796_064_215_184,
  edited: '9ca16995-d658-4b0f-a33e-ce298224440b',
  changedLater: '87ff7f05-dc5f-4692-933b-96a205a75d28',
  removedLater: 'aac2dff3-2610-416f-b423-d63563aac210',
  watched: 'c5b45c2a-3e2f-42dd-a12d-ef9becc62dfa',
  answered: 'e015fa53-9337-44c5-837c-84d354efa82e',
  open: 'a5c02f47-cc7b-4afa-9855-ae52414e2c5c',
  asksLater: '447325eb-91a6-4e9d-ba19-e8f5b621cafd',
  watch: 'f85cbee0-9bd2-4377-a9a5-e8434cef651b',
}

function column(path: string, sql: string): string[] {
  const db = new DatabaseSync(path, { readOnly: true })
  const rows = db.prepare(sql).all()
  db.close()
  return rows.map((row) => String(Object.values(row)[0]))
}

test('a database of 0.1.0 is taken over: waiting posts once and in order, its edit, question and watch', async () => {
  using folder = temporaryFolder()
  const state = join(folder.path, 'state/jupyterpost')
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const path = join(state, 'jupyterpost.sqlite')
  copyFileSync(OLD, path)
  {
    await using at = await testRelay(folder.env, { now: NOW, person: PERSON })
    await allDelivered(at, column(OLD, `SELECT id FROM post WHERE state NOT IN ('sent', 'dead')`))
    expect((await readPost(at, EDITED)).blocks).toEqual([
      { type: 'message', text: 'after the edit' },
    ])
    expect(await answerOf(at, ANSWERED)).toMatchObject({ state: 'answered', answer: 'yes' })
    expect(await answerOf(at, ASKED)).toMatchObject({ state: 'open' })
    expect((await says(at, ASKED, 'no')).status).toBe(201)
    expect(await answerOf(at, ASKED, 5)).toMatchObject({ state: 'answered', answer: 'no' })
    const watch = await fetch(
      new URL(`api/v1/watches/${WATCHED}/commands?after=0&wait=0`, at.url),
      {
        headers: authorized(at.token),
      },
    )
    expect(WatchState.parse(await watch.json()).commands).toEqual([])
    // The key of a waiting post is still known: its sender may not know that the post was taken.
    const again = await send(at, message('waiting 3 lab', 'lab'), { key: 'waiting-3-lab' })
    expect(again.status).toBe(202)
  }
  const shown = column(path, 'SELECT blocks FROM inbox_message ORDER BY n').flatMap((blocks) =>
    Blocks.parse(JSON.parse(blocks)).map(({ text }) => text),
  )
  for (const lane of LANES)
    expect(
      shown.filter((text) => text?.startsWith('waiting') && text.endsWith(` ${lane}`)),
    ).toEqual([0, 1, 2, 3].map((n) => `waiting ${n} ${lane}`))
  expect(shown.filter((text) => text === 'after the edit')).toHaveLength(1)
  expect(shown).not.toContain('before the edit')
})

test('a database of version 1 is taken over: posts, edits, a removal, questions, a watch and files, all of it once', async () => {
  using folder = temporaryFolder()
  const state = join(folder.path, 'state/jupyterpost')
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const path = join(state, 'jupyterpost.sqlite')
  copyFileSync(FIRST.path, path)
  const waiting = column(path, `SELECT id FROM post WHERE state NOT IN ('sent', 'dead')`)
  expect(waiting).toHaveLength(13)
  {
    await using at = await testRelay(folder.env, { now: FIRST.now, person: PERSON })
    await allDelivered(at, waiting)
    for await (const { event, post } of events(at, '0'))
      if (event === 'gone' && post.id === FIRST.removedLater) break
    expect((await readPost(at, FIRST.edited)).blocks).toEqual([
      { type: 'message', text: 'after the edit' },
    ])
    expect((await call(at, 'GET', FIRST.removedLater)).status).toBe(404)
    expect(await answerOf(at, FIRST.answered)).toMatchObject({ state: 'answered', answer: 'yes' })
    for (const id of [FIRST.open, FIRST.asksLater]) {
      expect(await answerOf(at, id)).toMatchObject({ state: 'open' })
      expect((await says(at, id, 'no')).status).toBe(201)
      expect(await answerOf(at, id, 5)).toMatchObject({ state: 'answered', answer: 'no' })
    }
    const said = await fetch(
      new URL(`api/v1/watches/${FIRST.watch}/commands?after=0&wait=0`, at.url),
      { headers: authorized(at.token) },
    )
    expect(WatchState.parse(await said.json()).commands).toEqual([
      { seq: 1, command: 'stop', post: FIRST.watched },
    ])
    // Keys are still known: the sender may not know that the post, or the change, was taken.
    const again = await send(at, message('waiting 3 lab', 'lab'), { key: 'waiting-3-lab' })
    expect(again.status).toBe(202)
    const later = { blocks: [{ type: 'message', text: 'after the later edit' }] }
    expect((await change(at, FIRST.changedLater, later, { key: 'later' })).status).toBe(200)
    for await (const { post } of events(at, '0'))
      if (post.id === FIRST.asksLater && post.blocks?.at(-1)?.type === 'notice') break
  }
  const shown = column(path, 'SELECT blocks FROM inbox_message ORDER BY n').flatMap((blocks) =>
    Blocks.parse(JSON.parse(blocks)).map(({ text }) => text),
  )
  for (const lane of LANES)
    expect(
      shown.filter((text) => text?.startsWith('waiting') && text.endsWith(` ${lane}`)),
    ).toEqual([0, 1, 2, 3].map((n) => `waiting ${n} ${lane}`))
  for (const once of ['after the edit', 'after the later edit', 'watched', 'Later?'])
    expect(shown.filter((text) => text === once)).toHaveLength(1)
  expect(shown.filter((text) => /^(before|to be)/.test(text ?? ''))).toEqual([])
  expect(column(path, `SELECT count(*) FROM post WHERE state <> 'sent'`)).toEqual(['0'])
  expect(column(path, `SELECT count(*) FROM edit WHERE state <> 'done'`)).toEqual(['0'])
  const files = column(path, `SELECT name FROM blob_use WHERE owner LIKE 'inbox:%' ORDER BY name`)
  expect(files).toEqual(['lab.txt', 'me.txt', 'runs.txt'])
})

test('tables and HTML that waited in a database of 0.1.0 are shown as tables', async () => {
  using folder = temporaryFolder()
  const state = join(folder.path, 'state/jupyterpost')
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const path = join(state, 'jupyterpost.sqlite')
  copyFileSync(OLD, path)
  const table = { type: 'table', columns: ['a'], rows: [['1']] }
  const html = '<p>two</p><table><tr><th>b</th></tr><tr><td>2</td></tr></table>'
  const long = `<p>${'word '.repeat(5000)}</p>`
  const db = new DatabaseSync(path)
  const [id = ''] = db
    .prepare(`SELECT id FROM post WHERE state = 'ready'`)
    .all()
    .map((row) => String(row['id']))
  db.prepare(
    'UPDATE submission SET blocks = ? WHERE id = (SELECT submission FROM post WHERE id = ?)',
  ).run(
    JSON.stringify([
      table,
      { type: 'html', html, text: 'two' },
      { type: 'html', html: long, text: '' },
    ]),
    id,
  )
  db.close()
  await using at = await testRelay(folder.env, { now: NOW, person: PERSON })
  await allDelivered(at, [id])
  expect((await readPost(at, id)).blocks).toEqual([
    table,
    { type: 'markdown', text: 'two' },
    { type: 'table', columns: ['b'], rows: [['2']] },
    { type: 'markdown', text: long.slice(3, -5) },
  ])
})
