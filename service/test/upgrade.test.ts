// A relay opens what the version before it left: nothing is lost, nothing is shown twice, and work
// under way goes on.
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from '@jest/globals'
import { z } from 'zod'

import { WatchState } from '../../post/contract/watch.ts'
import { answerOf, readPost, says } from './helpers/questions.ts'
import {
  allDelivered,
  authorized,
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
