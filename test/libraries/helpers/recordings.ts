// What real libraries gave when a cell of theirs ran (`fixtures/recordings/`), and the posts that
// the clients make of it: the Python package of those in Python, the kernel of those in TypeScript.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { captureCell } from '../../../kernel/src/capture/blocks.ts'
import type { CapturedOutput } from '../../../kernel/src/capture/outputs.ts'
import { Block, DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import type { PostFile } from '../../../post/contract/schema.ts'
import { root } from '../../helpers/clone.ts'

const FOLDER = join(import.meta.dirname, '../fixtures')
export const RECORDINGS = join(FOLDER, 'recordings')
const CELLS = join(FOLDER, 'cells')

export interface Cell {
  /** Of its files, without the ending: `05-altair`, `45-@observablehq+plot`. */
  stem: string
  /** As users know it: `@observablehq/plot`. */
  library: string
  language: 'python' | 'typescript'
  path: string
}

/** In the order of the table. */
export function cells(): Cell[] {
  return readdirSync(CELLS)
    .toSorted()
    .map((name) => {
      const [, stem = '', ending] = /^(.*)\.(py|ts)$/.exec(name) ?? []
      const library = stem.slice(stem.indexOf('-') + 1).replace('+', '/')
      const language = ending === 'py' ? 'python' : 'typescript'
      return { stem, library, language, path: join(CELLS, name) }
    })
}

const Recording = z.object({
  version: z.string(),
  status: z.enum(['ok', 'failed', 'interrupted']),
  outputs: z.array(z.custom<CapturedOutput>()),
  leftOut: z.array(z.string()),
})
export type Recording = z.infer<typeof Recording>

export function readRecording(stem: string, folder = RECORDINGS): Recording {
  return Recording.parse(JSON.parse(readFileSync(join(folder, `${stem}.json`), 'utf8')))
}

export interface Captured {
  blocks: Block[]
  files: PostFile[]
}

/** The posts of these cells, from recordings in `folder`. */
export function captured(
  wanted: readonly Cell[],
  python: string,
  folder = RECORDINGS,
): Map<string, Captured> {
  const posts = new Map<string, Captured>()
  const inPython = wanted.filter(({ language }) => language === 'python')
  for (const [n, post] of pythonPosts(inPython, python, folder).entries())
    posts.set(inPython[n]?.stem ?? '', post)
  for (const { stem, language } of wanted)
    if (language === 'typescript') posts.set(stem, typescriptPost(readRecording(stem, folder)))
  return posts
}

const PythonPosts = z.array(
  z.object({
    blocks: z.array(Block),
    files: z.array(z.object({ name: z.string(), mimetype: z.string(), base64: z.string() })),
  }),
)

function pythonPosts(wanted: readonly Cell[], python: string, folder: string): Captured[] {
  const program = join(import.meta.dirname, 'capture.py')
  const paths = wanted.map(({ stem }) => join(folder, `${stem}.json`))
  const printed = execFileSync(python, [program, ...paths], {
    env: { ...process.env, PYTHONPATH: join(root, 'python'), PYTHONDONTWRITEBYTECODE: '1' },
    encoding: 'utf8',
    maxBuffer: 100_000_000,
  })
  return PythonPosts.parse(JSON.parse(printed)).map(({ blocks, files }) => ({
    blocks,
    files: files.map(({ base64, ...file }) => ({ ...file, bytes: Buffer.from(base64, 'base64') })),
  }))
}

function typescriptPost({ status, outputs, leftOut }: Recording): Captured {
  const cell = {
    cellId: 'cell',
    executionCount: 1,
    source: '',
    startedAt: 0,
    endedAt: 0,
    status,
    outputs,
    leftOut,
  }
  return captureCell(cell, { stderr: false, limits: DEFAULT_LIMITS })
}
