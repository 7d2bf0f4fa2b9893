// The documentation against the programs: a test runs each command in it, its tables are the
// code's, its links lead somewhere.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { postServices, postingMagics } from '../kernel/src/posting/magics.ts'
import { RelayPoster } from '../post/relay/poster.ts'
import { CODES } from '../post/contract/sentence.ts'
import { root, testHome } from './helpers/clone.ts'
import type { TestHome } from './helpers/clone.ts'
import { flagTable } from './helpers/flag-table.ts'
import { finish } from './helpers/program.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...docs.map((name) => `docs/${name}`),
]

/**
 * Commands in the pages that need more than this file's sandbox -> the file that runs exactly that
 * command.
 */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm install': '.ci/run',
  'npm test': '.ci/run',
  'npm start': 'test/start.test.ts',
  'npm start -- --demo': 'test/start.test.ts',
  'npm install --global jupyterpost': 'test/pack.test.ts',
  'pip install "$(jupyterpost python-path)"': 'test/pack.test.ts',
  'jupyter lab': 'test/jupyter/lab.test.ts',
  'jupyter console --kernel jupyterpost': 'test/clients/console.test.ts',
  'jupyter run --kernel jupyterpost program.ts': 'test/clients/console.test.ts',
  'jupyter execute --inplace report.ipynb': 'test/clients/nbclient.test.ts',
  'jupyter nbconvert --to notebook --execute report.ipynb --output done.ipynb':
    'test/clients/nbconvert.test.ts',
  'jupyter nbconvert --to script done.ipynb': 'test/clients/nbconvert.test.ts',
  'jupyter nbconvert --to html done.ipynb': 'test/clients/nbconvert.test.ts',
  "papermill report.ipynb done.ipynb -p alpha 0.7 -y 'layers: [64, 32]'":
    'test/clients/papermill.test.ts',
  'papermill --help-notebook report.ipynb': 'test/clients/papermill.test.ts',
  'python bench/kernel_bench.py --quick --only start,trivial -k jupyterpost python3 --base python3 --json .state/bench.json --md .state/bench.md':
    'test/bench.test.ts',
  // It needs a relay that was stopped.
  'jupyterpost relay restore relay.backup': 'service/test/operations/backup.test.ts',
  // It writes files of the clone.
  'UPDATE_GOLDEN=1 npm run jest -- test/golden': 'test/golden/golden.test.ts',
  'npm run build': 'package.json',
  'npm run lint': 'test/setup/main.ts',
}

interface Command {
  page: string
  command: string
}

/** The lines of the fenced `sh` blocks, without their comments. */
const commands: Command[] = PAGES.flatMap((page) =>
  [...read(page).matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.replace(/(^|\s)# .*/, '').trim())
      .filter((command) => command !== '')
      .map((command) => ({ page, command })),
  ),
)
const here = commands.filter(({ command }) => ELSEWHERE[command] === undefined)

let home: TestHome
let sandbox: string

beforeAll(async () => {
  home = await testHome()
  sandbox = join(home.folder, 'sandbox')
  mkdirSync(sandbox)
  const bin = join(home.folder, 'bin')
  mkdirSync(bin)
  symlinkSync(join(root, 'bin/jupyterpost'), join(bin, 'jupyterpost'))
  symlinkSync(process.execPath, join(bin, 'node'))
  home.env['PATH'] = [bin, home.env['PATH']].join(delimiter)
  home.env['JUPYTERPOST_URL'] = 'local'
  // The files that the examples attach.
  copyFileSync(join(root, 'docs/images/first-post.png'), join(sandbox, 'plot.png'))
  writeFileSync(join(sandbox, 'report.md'), '# Report\n')
  await home.relay()
}, 240_000)

afterAll(async () => home[Symbol.asyncDispose]())

test('commands are found in the pages', () => {
  expect(commands.map(({ page }) => page)).toEqual(
    expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/admin.md', 'docs/posting.md']),
  )
})

test('each command that is run elsewhere is in a page, and in the file that runs it', () => {
  const written = new Set(commands.map(({ command }) => command))
  for (const [command, path] of Object.entries(ELSEWHERE)) {
    expect(written).toContain(command)
    expect(read(path)).toContain(command)
  }
})

test.each(here)(
  '$page: `$command` works as it stands',
  async ({ command }) => {
    const cwd =
      command.startsWith('jupyterpost') || command.includes('| jupyterpost') ? sandbox : root
    const { code, stdout, stderr } = await finish('sh', ['-c', command], { env: home.env, cwd })
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: expect.any(String) })
  },
  120_000,
)

test('links between pages lead to a page and to a heading of it', () => {
  const broken = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(
      ([whole, path = '', heading]) => {
        const target = path === '' ? page : join(dirname(page), path)
        if (!existsSync(join(root, target))) return [`${page}: ${whole}`]
        return heading === undefined || anchors(target).includes(heading)
          ? []
          : [`${page}: ${whole}`]
      },
    ),
  )
  expect(broken).toEqual([])
})

test('each section of the specification that a comment cites is there', async () => {
  const { stdout } = await finish('git', ['grep', '-hoE', 'docs/spec\\.md [0-9.]+[0-9]'], {
    cwd: root,
  })
  const cited = new Set(stdout.split('\n').flatMap((line) => line.split(' ')[1] ?? []))
  const headings = [...read('docs/spec.md').matchAll(/^#+ ([0-9.]+[0-9]|[0-9])/gm)].map(
    ([, number]) => number,
  )
  expect(cited.size).toBeGreaterThan(5)
  expect([...cited].filter((number) => !headings.includes(number))).toEqual([])
})

/** Made by the build, or a pattern for names. */
const isMade = (name: string) => name === 'dist/' || name.startsWith('NAME.')

test('each file that the pages for developers name is there', async () => {
  const { stdout } = await finish('git', ['ls-files'], { cwd: root })
  const files = stdout.split('\n').map((path) => `/${path}`)
  const named = ['docs/architecture.md', 'docs/relay.md', 'CONTRIBUTING.md'].flatMap((page) =>
    [...read(page).matchAll(/`([\w./-]+(?:\.(?:ts|py|json)|\/))`/g)].map(([, name = '']) => name),
  )
  const isThere = (name: string) =>
    files.some((path) =>
      name.endsWith('/') ? path.includes(`/${name}`) : path.endsWith(`/${name}`),
    )
  expect(named.length).toBeGreaterThan(80)
  expect(named.filter((name) => !isMade(name) && !isThere(name))).toEqual([])
})

/** Made from headings as GitHub makes them. */
const anchors = (page: string) =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

const between = (page: string, name: string) =>
  new RegExp(`<!-- ${name} -->\\n+([\\s\\S]*?)\\n+<!-- /${name} -->`).exec(read(page))?.[1]

test('the table of flags in docs/posting.md is that of the magics', () => {
  const poster = new RelayPoster({ env: home.env, relayProgram: '' })
  const magics = postingMagics(postServices({ poster, notebook: undefined, folder: sandbox }))
  const table = new Map(magics.map((magic) => [magic.name, magic]))
  expect(between('docs/posting.md', 'flags')).toBe(flagTable(table))
})

test('docs/posting.md explains every code that a refused post can have', () => {
  const listed = between('docs/posting.md', 'codes')
    ?.split('\n')
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)])
    .map(([, code = '']) => code)
  expect(listed?.toSorted()).toEqual(
    [...new Set([...Object.keys(CODES), ...clientCodes()])].toSorted(),
  )
})

/** Codes given by the client itself: those in each `new PostError` in `post/`. */
function clientCodes(): string[] {
  return readdirSync(join(root, 'post'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('test'))
    .flatMap((name) => [...read(`post/${name}`).matchAll(/new PostError\(\s*'(\w+)'/g)])
    .map(([, code = '']) => code)
}
