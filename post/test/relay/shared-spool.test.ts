// Waiting posts: how their files are read and written, which are tried, what messages call them.
// Cases that the Python package runs too.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import layout from '../../contract/spool.json' with { type: 'json' }
import { PostManifest } from '../../contract/schema.ts'
import { CODES } from '../../contract/sentence.ts'
import { jupyterRuntimeFolder, stateFolder } from '../../relay/folders.ts'
import { readSpoolFile, readSpoolHead, writeSpoolFile } from '../../relay/spool-file.ts'
import { Spool } from '../../relay/spool.ts'
import { fixture } from '../helpers/fixture.ts'
import { testFolder } from '../helpers/folder.ts'
import type { TestFolder } from '../helpers/folder.ts'
import { problem, startStandIn } from '../helpers/relay.ts'
import type { StandIn } from '../helpers/relay.ts'

const Entry = z.object({
  idempotencyKey: z.string(),
  relay: z.string(),
  user: z.string(),
  spooledAt: z.number(),
  reason: z.string(),
  manifest: PostManifest,
  files: z.array(z.object({ name: z.string(), mimetype: z.string(), text: z.string() })),
})
const Keys = z.array(z.string())

const cases = fixture(
  'spool',
  z.object({
    owner: z.object({ relay: z.string(), user: z.string() }),
    lock: z.string(),
    files: z.array(z.object({ name: z.string(), content: z.string(), read: Entry.optional() })),
    written: z.array(z.object({ name: z.string(), entry: Entry, content: z.string() })),
    names: z.array(z.object({ existing: z.array(z.string()), next: z.string().default('') })),
    parts: z.array(z.object({ ageMs: z.int(), isKept: z.boolean() })),
    values: z.record(z.string(), z.union([z.string(), z.number()])),
    folders: z.array(
      z.object({
        env: z.record(z.string(), z.string()),
        state: z.string().optional(),
        runtime: z.string().optional(),
      }),
    ),
    flush: z.array(
      z.object({
        name: z.string(),
        waiting: z.array(
          z.object({
            key: z.string(),
            target: z.string(),
            relay: z.string().optional(),
            user: z.string().optional(),
            aside: z.boolean().default(false),
            ageMs: z.int().default(0),
          }),
        ),
        answers: z.record(
          z.string(),
          z.object({ status: z.int(), code: z.string(), detail: z.string() }),
        ),
        isWell: z.boolean().default(false),
        tried: Keys,
        sent: Keys,
        notices: z.array(z.string()),
        away: z.string().optional(),
        isFailing: z.boolean().default(false),
        error: z.string().optional(),
        left: z.object({ waiting: Keys, aside: Keys }),
      }),
    ),
  }),
)

let folder: TestFolder
let spool: Spool

beforeEach(() => {
  folder = testFolder()
  spool = new Spool(folder.path)
  mkdirSync(spool.folder, { recursive: true, mode: 0o700 })
})

afterEach(() => folder.remove())

describe('a file of the spool', () => {
  test.each(cases.files)('$name', async ({ content, read }) => {
    const path = join(spool.folder, 'a.post')
    writeFileSync(path, content)
    const found = await readSpoolFile(path)
    const files = found?.post.files.map(({ bytes, ...file }) => ({
      ...file,
      text: Buffer.from(bytes).toString(),
    }))
    expect(found && { ...found.head, files }).toEqual(read)
    expect((await readSpoolHead(path))?.head).toEqual(found?.head)
  })

  test.each(cases.written)('is written to the byte as in Python: $name', async (row) => {
    const { files, manifest, ...rest } = row.entry
    const sized = files.map(({ text, ...file }) => ({ ...file, bytes: Buffer.byteLength(text) }))
    const full = files.map(({ text, ...file }) => ({ ...file, bytes: Buffer.from(text) }))
    const head = { ...rest, manifest, files: sized }
    await writeSpoolFile(spool.folder, 'a.post', head, { ...manifest, files: full })
    expect(readFileSync(join(spool.folder, 'a.post'), 'utf8')).toBe(row.content)
    expect(readdirSync(spool.folder)).toEqual(['a.post'])
  })

  test.each(cases.names)('gets a name behind $existing', async ({ existing, next }) => {
    for (const name of existing) writeFileSync(join(spool.folder, name), '')
    await spool.add({ targets: ['lab'], blocks: [], files: [] }, cases.owner, 'away')
    const [name = ''] = readdirSync(spool.folder).filter((one) => !existing.includes(one))
    expect(name).toMatch(/^\d{17}-[0-9a-f]{8}\.post$/)
    expect(name.startsWith(next)).toBe(true)
  })
})

test.each(cases.parts)(
  'half a post of $ageMs ms ago is kept: $isKept',
  async ({ ageMs, isKept }) => {
    const part = join(spool.folder, `.00000000000000000-00000000.post${layout.part}`)
    const then = (Date.now() - ageMs) / 1000
    writeFileSync(part, '')
    utimesSync(part, then, then)
    await spool.add({ targets: ['lab'], blocks: [], files: [] }, cases.owner, 'away')
    expect(existsSync(part)).toBe(isKept)
  },
)

test('what no case shows has the same values', () => {
  expect(layout).toMatchObject(cases.values)
})

test('each code of a relay is in one list that says which posts it concerns', () => {
  const { refusalsOfPosts, refusalsOfTargets, refusalsOfAll } = layout
  expect([...refusalsOfPosts, ...refusalsOfTargets, ...refusalsOfAll].toSorted()).toEqual(
    Object.keys(CODES).toSorted(),
  )
})

test.each(cases.folders)('the folders of $env', ({ env, state, runtime }) => {
  if (state !== undefined) expect(stateFolder(env)).toBe(state)
  if (runtime !== undefined) expect(jupyterRuntimeFolder(env)).toBe(runtime)
})

describe('of posts that wait', () => {
  let relay: StandIn

  beforeEach(async () => {
    relay = await startStandIn()
  })

  afterEach(async () => relay.close())

  test.each(cases.flush)('$name', async (row) => {
    for (const [number, { key, target, aside, ageMs, ...owner }] of row.waiting.entries()) {
      const head = {
        idempotencyKey: key,
        ...cases.owner,
        ...owner,
        spooledAt: Date.now() - ageMs,
        reason: 'away',
        manifest: { targets: [target], blocks: [{ type: 'message', text: key }] },
        files: [],
      }
      const name = `${String(number).padStart(layout.timeDigits, '0')}-00000000`
      const suffix = aside ? layout.aside : layout.waiting
      writeFileSync(join(spool.folder, name + suffix), `${JSON.stringify(head)}\n`)
    }
    const tried: string[] = []
    relay.misbehave = (request, response) => {
      const key = String(request.headers['idempotency-key'])
      // Each is tried up to three times.
      if (tried.at(-1) !== key) tried.push(key)
      const refusal = row.answers[key]
      if (refusal === undefined) return 'take'
      return problem(refusal.status, refusal.code, refusal.detail)(request, response)
    }
    const at = { url: new URL(relay.url), token: 't' }
    const words = (text: string) =>
      text.replaceAll(at.url.origin, 'RELAY').replaceAll(/ of \S+Z to /g, ' of TIME to ')
    const flushing = spool.flush(at, cases.owner, { wait: 1000, isWell: row.isWell })
    if (row.error === undefined) {
      const { notices, away, isFailing = false } = await flushing
      expect({ notices: notices.map(words), away: away && words(away), isFailing }).toEqual({
        notices: row.notices,
        away: row.away,
        isFailing: row.isFailing,
      })
    } else {
      await expect(flushing).rejects.toMatchObject({ code: row.error })
    }
    expect(tried).toEqual(row.tried)
    expect(relay.taken.map(({ idempotencyKey }) => idempotencyKey)).toEqual(row.sent)
    const left = await spool.all()
    const keys = (isAside: boolean) =>
      left.filter((one) => one.isAside === isAside).map(({ head }) => head.idempotencyKey)
    expect({ waiting: keys(false), aside: keys(true) }).toEqual(row.left)
    expect(readdirSync(spool.folder)).toContain(cases.lock)
  })
})
