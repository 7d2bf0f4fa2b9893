// Runs a notebook as JupyterLab would: through a real Jupyter server, its contents and kernel, with
// JupyterLab's own client.
import {
  ContentsManager,
  KernelManager,
  ServerConnection,
  SessionManager,
} from '@jupyterlab/services'
import { basename } from 'node:path'
import { z } from 'zod'

const Text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(''))])
const Notebook = z.object({
  metadata: z.object({ kernelspec: z.object({ name: z.string() }) }),
  cells: z.array(
    z.object({
      cell_type: z.string(),
      source: Text,
      metadata: z.object({ tags: z.array(z.string()).default([]) }),
    }),
  ),
})

const CELL_LIMIT = 60_000

/** A cell that did not end as it should. */
export interface FailedCell {
  /** Counted from 1, code cells only. */
  cell: number
  error: string
}

export const serverSettings = ({ url, token }: { url: string; token: string }) =>
  ServerConnection.makeSettings({
    baseUrl: url,
    wsUrl: url.replace(/^http/, 'ws'),
    token,
    appendToken: true,
  })

/**
 * Runs every code cell of the notebook, even after one failed.
 * @param path - Below the server's root.
 */
export async function runNotebook(
  server: { url: string; token: string },
  path: string,
): Promise<FailedCell[]> {
  const settings = serverSettings(server)
  using contents = disposable(new ContentsManager({ serverSettings: settings }))
  using kernels = disposable(new KernelManager({ serverSettings: settings }))
  using sessions = disposable(
    new SessionManager({ serverSettings: settings, kernelManager: kernels }),
  )
  const file = await contents.get(path)
  const notebook = Notebook.parse(file.content)
  // A session rather than a bare kernel: it tells the kernel its notebook's name.
  const session = await sessions.startNew({
    path,
    name: basename(path),
    type: 'notebook',
    kernel: { name: notebook.metadata.kernelspec.name },
  })
  const kernel = session.kernel
  if (kernel === null) throw new Error(`no kernel was started for ${path}`)
  try {
    const failed: FailedCell[] = []
    const cells = notebook.cells.filter((cell) => cell.cell_type === 'code')
    for (const [index, { source, metadata }] of cells.entries()) {
      // JupyterLab and nbclient read this tag too: the cell fails on purpose.
      const mayFail = metadata.tags.includes('raises-exception')
      const future = kernel.requestExecute({ code: source, stop_on_error: !mayFail })
      const { content } = await within(future.done, `cell ${index + 1}`)
      if (content.status === 'ok' || (mayFail && content.status === 'error')) continue
      const error = content.status === 'error' ? `${content.ename}: ${content.evalue}` : 'aborted'
      failed.push({ cell: index + 1, error })
    }
    return failed
  } finally {
    await session.shutdown()
    session.dispose()
  }
}

function disposable<T extends { dispose(): void }>(service: T): T & Disposable {
  return Object.assign(service, { [Symbol.dispose]: () => service.dispose() })
}

async function within<T>(answer: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error(`${what} took over ${CELL_LIMIT / 1000} s`)),
    CELL_LIMIT,
  )
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
