// A table belongs to the room that makes it. Other rooms read it through a function or a view of
// that room. Imports do not show SQL, so this test searches the texts of the sources.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from '@jest/globals'
import { parseSync, Visitor } from 'oxc-parser'

const root = join(import.meta.dirname, '..')

interface Text {
  path: string
  /** With a blank for each `${...}`. */
  text: string
}

const sources = readdirSync(join(root, 'service'), { recursive: true, encoding: 'utf8' })
  .map((name) => join('service', name))
  .filter((path) => path.endsWith('.ts') && !/\/(test|fixtures|node_modules)\//.test(path))

function textsOf(path: string, source: string): Text[] {
  const texts: Text[] = []
  new Visitor({
    Literal({ value }) {
      if (typeof value === 'string') texts.push({ path, text: value })
    },
    TemplateLiteral({ quasis }) {
      texts.push({ path, text: quasis.map(({ value }) => value.cooked ?? '').join(' ') })
    },
  }).visit(parseSync(path, source).program)
  return texts
}

const roomOf = (path: string) => dirname(path).split('/').slice(0, 2).join('/')

/** Table or view -> the room that makes it. */
function ownersOf(texts: readonly Text[], kind: 'TABLE' | 'VIEW'): Map<string, string> {
  const made = new RegExp(String.raw`\bCREATE (?:TEMP )?${kind} (?:IF NOT EXISTS )?(\w+)`, 'g')
  return new Map(
    texts.flatMap(({ path, text }) =>
      [...text.matchAll(made)].map(([, name = '']) => [name, roomOf(path)] as const),
    ),
  )
}

/** Where SQL names a table: after these words, in a list after FROM, and as what an index is on. */
const NAMED = [
  /\b(?:FROM|JOIN|INTO|UPDATE|TABLE|EXISTS|REFERENCES)\s+(\w+)/g,
  /\bFROM\s+\w+(?:\s+\w+)?\s*,\s*(\w+)/g,
  /\bINDEX\s[\w\s]*?\bON\s+(\w+)/g,
]

function namedIn(text: string): string[] {
  if (!/\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|JOIN)\b/.test(text)) return []
  return NAMED.flatMap((named) => [...text.matchAll(named)].map(([, name = '']) => name))
}

/** `FILE: NAME of ROOM`, of each name in a room that may not use it. */
function foreign(
  texts: readonly Text[],
  owners: ReadonlyMap<string, string>,
  mayUse: (room: string, owner: string) => boolean,
): string[] {
  return texts.flatMap(({ path, text }) =>
    namedIn(text).flatMap((name) => {
      const owner = owners.get(name)
      if (owner === undefined || owner === roomOf(path) || mayUse(roomOf(path), owner)) return []
      return [`${path}: ${name} of ${owner}`]
    }),
  )
}

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const texts = sources.flatMap((path) => textsOf(path, read(path)))
const tables = ownersOf(texts, 'TABLE')

test('the scan finds the tables of every room that keeps something', () => {
  expect(new Set(tables.values())).toEqual(
    new Set(
      ['storage', 'outbox', 'chat', 'replies', 'convert', 'hub'].map((name) => `service/${name}`),
    ),
  )
  expect(tables.size).toBeGreaterThan(20)
})

/** Of a source of `service/hub/`. */
const found = (source: string) => foreign(textsOf('service/hub/x.ts', source), tables, () => false)

test('the scan sees a table of another room, in any place of a text', () => {
  expect(found('db.all(`SELECT * FROM question q CROSS JOIN post p ON p.id = q.post`)')).toEqual([
    'service/hub/x.ts: question of service/replies',
    'service/hub/x.ts: post of service/outbox',
  ])
  expect(found(`const A = 'DELETE FROM shown WHERE post NOT IN (SELECT id FROM post)'`)).toEqual([
    'service/hub/x.ts: shown of service/convert',
    'service/hub/x.ts: post of service/outbox',
  ])
  expect(found('db.run(`CREATE INDEX IF NOT EXISTS x ON blob (bytes)`)')).toHaveLength(1)
  expect(found(`db.get('SELECT 1 FROM page_key k, watch')`)).toHaveLength(1)
  expect(found('const B = `SELECT x FROM page_key WHERE ${live}`')).toEqual([])
})

test('no room names a table of another room', () => {
  expect(foreign(texts, tables, () => false)).toEqual([])
})

test('a view is named by rooms that may import its owner, and do', () => {
  const imports = new Set(
    sources.flatMap((path) =>
      [...read(path).matchAll(/from '(\.[^']+)'/g)].map(
        ([, to = '']) =>
          `${roomOf(path)} -> ${roomOf(relative(root, join(root, dirname(path), to)))}`,
      ),
    ),
  )
  const views = ownersOf(texts, 'VIEW')
  expect([...views.keys()].toSorted()).toEqual(['outbox_post', 'stored_file'])
  expect(foreign(texts, views, (room, owner) => imports.has(`${room} -> ${owner}`))).toEqual([])
})
