// `%run FILE.ipynb`: which file it is, and the code cells in it.
import { basename, extname } from 'node:path'
import { pathOf, readText } from './files.ts'
import type { Surroundings } from './magic.ts'
import { tokenize } from './tokens.ts'
import { isObject } from '../protocol/json.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

export const NOTEBOOK = '.ipynb'
/** Most bytes of a notebook: pictures are a part of it. */
const LARGEST = 64 * 1024 * 1024
const LANGUAGES: ReadonlySet<string> = new Set(['typescript', 'javascript'])

export interface NotebookCell {
  /** `cell 3 of a.ipynb`, counted from the top, with those of text. */
  title: string
  source: string
}

/** The name of the notebook, if `%run` of one is all that is in the cell. */
export function notebookIn(code: string): string | undefined {
  const lines = code.split(/[\n\r]/).map((line) => line.trim())
  const [line, ...others] = lines.filter((text) => text !== '' && !text.startsWith('//'))
  if (line === undefined || others.length > 0 || !/^%run\s/.test(line)) return undefined
  const [file, ...rest] = tokenize(line.slice('%run'.length)).map(({ text }) => text)
  if (file === undefined || extname(file) !== NOTEBOOK) return undefined
  if (rest.length > 0) throw new UsageError(`A notebook takes no arguments, got ${rest.join(' ')}`)
  return file
}

/** @throws {UsageError} if it is no notebook of TypeScript. */
export function readNotebook(
  file: string,
  surroundings: Surroundings,
): { path: string; cells: NotebookCell[] } {
  const path = pathOf(file, surroundings)
  const notebook = parsed(readText(path, LARGEST), path)
  const { cells, metadata } = isObject(notebook) ? notebook : {}
  if (!Array.isArray(cells)) throw new UsageError(`${path} is no notebook of version 4`)
  const language = languageOf(metadata)
  if (language !== undefined && !LANGUAGES.has(language)) {
    throw new UsageError(`${path} is a notebook of ${language}, not of TypeScript`)
  }
  return { path, cells: cells.flatMap((cell, index) => codeOf(cell, index, basename(path))) }
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${path} is no notebook: it is no JSON`, { cause: error })
  }
}

function languageOf(metadata: unknown): string | undefined {
  const { language_info: info, kernelspec: spec } = isObject(metadata) ? metadata : {}
  const { name } = isObject(info) ? info : {}
  const { language } = isObject(spec) ? spec : {}
  return [name, language].find((one) => typeof one === 'string')
}

function codeOf(cell: unknown, index: number, name: string): NotebookCell[] {
  const { cell_type: type, source } = isObject(cell) ? cell : {}
  const text = Array.isArray(source) ? source.join('') : source
  if (type !== 'code' || typeof text !== 'string' || text.trim() === '') return []
  return [{ title: `cell ${index + 1} of ${name}`, source: text }]
}
