// Notebooks as files: written for a client to run, then read back with the results.
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

export interface CellToWrite {
  source: string
  tags?: string[]
}

const KERNELSPEC = {
  name: 'jupyterpost',
  display_name: 'TypeScript (jupyterpost)',
  language: 'typescript',
}

/** Code cells of TypeScript; `kernelspec` replaces ours. */
export function writeNotebook(
  path: string,
  cells: ReadonlyArray<string | CellToWrite>,
  kernelspec: Partial<typeof KERNELSPEC> = KERNELSPEC,
): string {
  const written = cells.map((cell, index) => {
    const { source, tags = [] } = typeof cell === 'string' ? { source: cell } : cell
    return {
      cell_type: 'code',
      id: `cell-${index}`,
      metadata: { tags },
      source,
      execution_count: null,
      outputs: [],
    }
  })
  const notebook = { cells: written, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }
  writeFileSync(path, JSON.stringify(notebook))
  return path
}

// nbformat writes multi-line strings as lists of lines.
const Text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(''))])

const Output = z.discriminatedUnion('output_type', [
  z.object({ output_type: z.literal('stream'), name: z.string(), text: Text }),
  z.object({ output_type: z.literal('error'), ename: z.string(), evalue: z.string() }),
  z.object({
    output_type: z.enum(['execute_result', 'display_data']),
    data: z.looseObject({ 'text/plain': Text }),
  }),
])

export const Notebook = z.object({
  metadata: z.looseObject({}),
  cells: z.array(
    z.object({
      source: Text,
      execution_count: z.int().nullish(),
      metadata: z.looseObject({}),
      outputs: z.array(Output).default([]),
    }),
  ),
})

export type NotebookFile = z.infer<typeof Notebook>
export type CellOfFile = NotebookFile['cells'][number]

export const parseNotebook = (text: string): NotebookFile => Notebook.parse(JSON.parse(text))
export const readNotebook = (path: string): NotebookFile =>
  parseNotebook(readFileSync(path, 'utf8'))

/** Each output as a line: `stdout: text`, `error: ename: evalue`, or its text/plain. */
export const shownBy = ({ outputs }: CellOfFile): string[] =>
  outputs.map((output) => {
    switch (output.output_type) {
      case 'stream':
        return `${output.name}: ${output.text.trimEnd()}`
      case 'error':
        return `error: ${output.ename}: ${output.evalue}`
      case 'execute_result':
      case 'display_data':
        return output.data['text/plain']
    }
  })
