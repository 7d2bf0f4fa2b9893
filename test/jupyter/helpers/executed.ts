// Notebooks executed by nbclient, as `jupyter execute` does, all in one process: Python's imports
// take longer than a notebook.
import { join } from 'node:path'
import { z } from 'zod'
import { startVenv } from '../../../start/clone.ts'
import { inVenv } from '../../../start/venv.ts'
import type { TestHome } from '../../helpers/clone.ts'
import { finish } from '../../helpers/program.ts'

/**
 * Executes the notebooks in its arguments, each with a kernel that knows its name, and prints for
 * each what it became as a line of JSON. A failing cell without the tag raises-exception ends its
 * notebook.
 */
const PROGRAM = `
import json, os, sys, nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    os.environ["JPY_SESSION_NAME"] = path
    nb = nbformat.read(path, as_version=4)
    error = None
    try:
        NotebookClient(nb, timeout=60, iopub_timeout=10, raise_on_iopub_timeout=True).execute()
    except Exception as raised:
        error = str(raised)
    print(json.dumps({"name": os.path.basename(path), "error": error, "cells": nb.cells}))
`

const Output = z.looseObject({
  output_type: z.string(),
  text: z.string().optional(),
  ename: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
})
const ExecutedNotebook = z.object({
  name: z.string(),
  error: z.string().nullable(),
  cells: z.array(
    z.object({
      cell_type: z.string(),
      source: z.string(),
      outputs: z.array(Output).default([]),
    }),
  ),
})
export type ExecutedNotebook = z.infer<typeof ExecutedNotebook>

/** @param names - Files in the folder, where they run. @returns What each became, by name. */
export async function executeNotebooks(
  home: TestHome,
  names: readonly string[],
  folder = home.notebooks,
): Promise<Map<string, ExecutedNotebook>> {
  const { code, stdout, stderr } = await finish(
    inVenv(startVenv.folder, 'python'),
    ['-c', PROGRAM, ...names.map((name) => join(folder, name))],
    { env: home.env, cwd: folder },
  )
  if (code !== 0) throw new Error(stderr)
  const notebooks = stdout
    .trim()
    .split('\n')
    .map((line) => ExecutedNotebook.parse(JSON.parse(line)))
  return new Map(notebooks.map((notebook) => [notebook.name, notebook]))
}
