// The arrows of docs/architecture.md as a table: which room may import which. An import that points
// up or sideways, or goes round in a circle, fails with its files.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '..')

/** Room -> rooms it may import besides itself. A file belongs to the longest matching room. */
const ARROWS: Record<string, readonly string[]> = {
  'kernel/src/protocol/': [],
  'kernel/src/cell/': ['post/contract/nearest.ts'],
  'kernel/src/channels/': ['kernel/src/protocol/'],
  'kernel/src/runtime/': ['kernel/src/cell/', 'kernel/src/protocol/'],
  // What notebook code sees is installed by the child, which is where both meet.
  'kernel/src/runtime/child/': [
    'kernel/src/api/',
    'kernel/src/runtime/',
    'kernel/src/cell/',
    'kernel/src/protocol/',
    'post/contract/nearest.ts',
  ],
  'kernel/src/relay-program.ts': [],
  'kernel/src/api/': ['kernel/src/relay-program.ts', 'kernel/src/protocol/', 'post/'],
  'kernel/src/language/': ['kernel/src/runtime/', 'kernel/src/cell/', 'kernel/src/protocol/'],
  'kernel/src/capture/': ['kernel/src/runtime/', 'kernel/src/protocol/', 'post/'],
  'kernel/src/magics/': [
    'kernel/src/capture/',
    'kernel/src/runtime/',
    'kernel/src/protocol/',
    'post/arguments/',
    'post/contract/flags.ts',
    'post/contract/nearest.ts',
    'post/secrets/values.ts',
    'post/secrets/mask.ts',
  ],
  'kernel/src/posting/': [
    'kernel/src/magics/',
    'kernel/src/capture/',
    'kernel/src/runtime/',
    'kernel/src/cell/',
    'post/',
  ],
  'kernel/src/history/': ['kernel/src/channels/', 'post/relay/'],
  'kernel/src/cells/': [
    'kernel/src/history/',
    'kernel/src/magics/',
    'kernel/src/capture/',
    'kernel/src/language/',
    'kernel/src/runtime/',
    'kernel/src/channels/',
    'kernel/src/cell/',
    'kernel/src/protocol/',
    'post/arguments/usage-error.ts',
  ],
  'kernel/src/handlers/': [
    'kernel/src/cells/',
    'kernel/src/history/',
    'kernel/src/magics/',
    'kernel/src/runtime/',
    'kernel/src/channels/',
    'kernel/src/cell/',
    'kernel/src/protocol/',
  ],
  'kernel/src/dispatch.ts': [
    'kernel/src/handlers/',
    'kernel/src/channels/',
    'kernel/src/protocol/',
  ],
  'kernel/src/': [
    'kernel/src/relay-program.ts',
    'kernel/src/dispatch.ts',
    'kernel/src/handlers/',
    'kernel/src/cells/',
    'kernel/src/history/',
    'kernel/src/posting/',
    'kernel/src/magics/',
    'kernel/src/capture/',
    'kernel/src/language/',
    'kernel/src/runtime/',
    'kernel/src/channels/',
    'kernel/src/cell/',
    'kernel/src/protocol/',
    'post/',
  ],
  'post/contract/': [],
  'post/arguments/': ['post/contract/'],
  'post/text/': ['post/contract/'],
  'post/secrets/': ['post/contract/'],
  'post/relay/': ['post/contract/', 'post/secrets/'],
  'post/api/': ['post/contract/', 'post/text/', 'post/relay/'],
  'service/errors.ts': ['post/contract/sentence.ts'],
  'service/log-text.ts': [],
  'service/log.ts': ['service/log-text.ts'],
  'service/closing.ts': [],
  'service/storage/bytes.ts': ['post/'],
  'service/storage/': ['service/storage/bytes.ts', 'service/errors.ts', 'post/'],
  'service/chat/': [
    'service/chat/chat.ts',
    'service/render/',
    'service/storage/',
    'service/errors.ts',
    'post/',
  ],
  'service/render/': ['service/storage/bytes.ts', 'service/chat/chat.ts', 'post/'],
  'service/html/': ['service/storage/bytes.ts', 'service/render/', 'post/'],
  'service/markdown/': ['service/html/', 'service/render/', 'post/'],
  'service/chat/chat.ts': ['service/storage/bytes.ts', 'post/'],
  'service/convert/': ['service/chat/chat.ts', 'service/render/', 'service/storage/', 'post/'],
  'service/convert/child/': [
    'service/convert/jobs.ts',
    'post/contract/error.ts',
    'post/text/vega-schema.ts',
  ],
  'service/hub/': ['service/storage/', 'service/chat/', 'service/errors.ts', 'post/'],
  'service/offload/': [
    'service/storage/bytes.ts',
    'service/storage/files.ts',
    'service/storage/digest.ts',
    'service/convert/file-name.ts',
    'service/convert/jobs.ts',
    'service/convert/time-limit.ts',
    'service/html/',
    'service/markdown/',
    'service/render/',
    'service/errors.ts',
    'post/',
  ],
  'service/policy/': [
    'service/offload/',
    'service/render/',
    'service/storage/bytes.ts',
    'service/offload/',
    'service/chat/',
    'service/errors.ts',
    'post/',
  ],
  'service/outbox/': [
    'service/storage/',
    'service/chat/',
    'service/closing.ts',
    'service/errors.ts',
    'post/',
  ],
  'service/replies/': [
    'service/storage/',
    'service/policy/',
    'service/outbox/',
    'service/render/',
    'service/chat/',
    'service/errors.ts',
    'service/log.ts',
    'post/',
  ],
  'service/operations/': [
    'service/hub/',
    'service/convert/',
    'service/outbox/',
    'service/chat/',
    'service/storage/',
    'service/errors.ts',
    'service/log.ts',
    'post/',
  ],
  'service/inbox/': ['service/render/', 'post/'],
  'service/api/': ['service/hub/page-keys.ts', 'post/'],
  'service/routes/': [
    'service/api/',
    'service/offload/',
    'service/storage/bytes.ts',
    'service/storage/files.ts',
    'service/storage/digest.ts',
    'service/storage/place.ts',
    'service/convert/',
    'service/hub/',
    'service/policy/',
    'service/replies/',
    'service/outbox/',
    'service/chat/',
    'service/errors.ts',
    'service/log.ts',
    'post/',
  ],
  'service/': [
    'service/closing.ts',
    'service/api/',
    'service/offload/',
    'service/convert/',
    'service/storage/',
    'service/log.ts',
    'service/routes/',
    'service/operations/',
    'service/hub/',
    'service/policy/',
    'service/replies/',
    'service/outbox/',
    'service/render/',
    'service/chat/',
    'service/errors.ts',
    'post/',
  ],
  'install/': ['post/'],
  'install.ts': ['install/', 'post/'],
  'cli/': ['install.ts', 'install/', 'post/', 'service/'],
  'start/': ['install/', 'post/'],
}

/**
 * Room -> its face: those of its files that files outside may import; without a row, all of them.
 * Folders below a room belong to it and may import all its files.
 */
const FACES: Record<string, readonly string[]> = {
  'kernel/src/channels/': ['channels.ts', 'log.ts'],
  'kernel/src/runtime/': [
    'runtime.ts',
    'child-runtime.ts',
    'traceback.ts',
    'type-errors.ts',
    'processes.ts',
  ],
  // A program of its own, which is started by its path.
  'kernel/src/runtime/child/': [],
  'kernel/src/language/': ['language.ts', 'service.ts'],
  'kernel/src/capture/': ['outputs.ts', 'recorder.ts', 'blocks.ts', 'notebook-name.ts'],
  'kernel/src/magics/': ['index.ts', 'magic.ts'],
  'kernel/src/posting/': ['kernel-posts.ts'],
  'kernel/src/history/': ['history-store.ts'],
  'kernel/src/handlers/': ['index.ts', 'handler.ts', 'services.ts'],
  'post/secrets/': ['mask.ts', 'values.ts'],
  'service/chat/mattermost/': ['index.ts'],
  'service/offload/': ['offload.ts', 'json.ts', 'read.ts'],
  'service/html/': ['content.ts', 'masking.ts', 'markdown-element.ts'],
  'service/markdown/': ['read.ts'],
  'service/outbox/': [
    'audit.ts',
    'audit-table.ts',
    'restored.ts',
    'outbox.ts',
    'rows.ts',
    'store.ts',
    'worker.ts',
  ],
  'service/convert/child/': [],
  'service/inbox/page/': [],
}

const ROOMS = Object.keys(ARROWS).toSorted((one, other) => other.length - one.length)
const roomOf = (path: string) => ROOMS.find((room) => path.startsWith(room))

/** Sources, without tests: those may use everything. */
const sources = ['kernel', 'post', 'service', 'install', 'cli', 'start']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name),
    ),
  )
  .concat('install.ts')
  .filter((path) => path.endsWith('.ts') && !/(^|\/)(test|fixtures|node_modules)\//.test(path))

interface Import {
  from: string
  to: string
}

const IMPORT = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g

const imports: Import[] = sources.flatMap((from) =>
  [...readFileSync(join(root, from), 'utf8').matchAll(IMPORT)].map(([, specifier = '']) => ({
    from,
    to: relative(root, join(root, dirname(from), specifier)),
  })),
)

function isAllowed({ from, to }: Import): boolean {
  const [here, there] = [roomOf(from), roomOf(to)]
  if (here === undefined || there === undefined) return false
  return here === there || (ARROWS[here] ?? []).some((room) => to.startsWith(room))
}

test('the scan sees the imports of every part', () => {
  expect(new Set(imports.map(({ from }) => from.split('/')[0]))).toEqual(
    new Set(['kernel', 'post', 'service', 'install', 'install.ts', 'cli', 'start']),
  )
})

test('imports point down only', () => {
  expect(
    imports.filter((edge) => !isAllowed(edge)).map(({ from, to }) => `${from} -> ${to}`),
  ).toEqual([])
})

test('each arrow is used', () => {
  const unused = Object.entries(ARROWS).flatMap(([room, others]) =>
    others
      .filter(
        (other) =>
          !imports.some(
            ({ from, to }) => roomOf(from) === room && roomOf(to) !== room && to.startsWith(other),
          ),
      )
      .map((other) => `${room} -> ${other}`),
  )
  expect(unused).toEqual([])
})

test('a room is entered by its face', () => {
  const deeper = Object.entries(FACES).flatMap(([room, face]) =>
    imports
      .filter(({ from, to }) => to.startsWith(room) && !from.startsWith(room))
      .filter(({ to }) => !face.some((file) => to === room + file))
      .map(({ from, to }) => `${from} -> ${to}`),
  )
  expect(deeper).toEqual([])
})

test('each file of a face is there, and is imported from outside', () => {
  const unused = Object.entries(FACES).flatMap(([room, face]) =>
    face
      .map((file) => room + file)
      .filter((file) => !imports.some(({ from, to }) => to === file && !from.startsWith(room))),
  )
  expect(unused).toEqual([])
})

test('no imports go round in a circle, those of types included', () => {
  const targets = Map.groupBy(imports, ({ from }) => from)
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): string[] => {
    const at = path.indexOf(file)
    if (at >= 0) return [[...path.slice(at), file].join(' -> ')]
    if (done.has(file)) return []
    const found = (targets.get(file) ?? []).flatMap(({ to }) => walk(to, [...path, file]))
    done.add(file)
    return found
  }
  expect(sources.flatMap((file) => walk(file, []))).toEqual([])
})

test('chat adapters never import each other', () => {
  const adapters = imports
    .filter(({ from, to }) => from.startsWith('service/chat/') && to.startsWith('service/chat/'))
    .filter(({ from }) => !/^service\/chat\/(index|chat|goal)\.ts$/.test(from))
    // What all adapters may use: the port, links of people to accounts, and names.
    .filter(({ to }) => !/\/(chat|links|display-name|person-name)\.ts$/.test(to))
    .filter(({ from, to }) => !sameAdapter(from, to))
  expect(adapters).toEqual([])
})

/** An adapter is one file, or a folder; `mattermost.ts` and `mattermost/` are one. */
function sameAdapter(from: string, to: string): boolean {
  return adapterName(from) === adapterName(to)
}

const adapterName = (path: string) => path.split('/')[2]?.replace(/(-[a-z]+)?\.ts$/, '')

test('one file parses HTML', () => {
  const parsers = sources.filter((path) =>
    /'(?:htmlparser2|parse5|turndown|linkedom|cheerio)'/.test(
      readFileSync(join(root, path), 'utf8'),
    ),
  )
  // The other one makes an empty page.
  expect(parsers).toEqual(['kernel/src/runtime/child/dom.ts', 'service/html/tree.ts'])
})

test('post/ names no program: who starts a relay hands it in', () => {
  const users = sources.filter((path) => /\.\.\/cli\b/.test(readFileSync(join(root, path), 'utf8')))
  expect(users).toEqual(['kernel/src/relay-program.ts'])
})

test('only channels import zeromq', () => {
  const users = sources.filter((path) =>
    /from 'zeromq'|import\('zeromq'\)/.test(readFileSync(join(root, path), 'utf8')),
  )
  // The doctor only looks whether it loads.
  expect(users.filter((path) => !path.startsWith('kernel/src/channels/'))).toEqual([
    'install/doctor.ts',
  ])
})
