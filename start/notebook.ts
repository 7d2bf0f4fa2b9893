// Runs a notebook as JupyterLab would: through a real Jupyter server, its contents and its kernel, with JupyterLab's own client.
import { ContentsManager, KernelManager, ServerConnection } from '@jupyterlab/services'
import type { KernelMessage } from '@jupyterlab/services'
import { z } from 'zod'

const Text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(''))])
const Notebook = z.object({
  metadata: z.object({ kernelspec: z.object({ name: z.string() }) }),
  cells: z.array(z.object({ cell_type: z.string(), source: Text })),
})

const CELL_LIMIT = 60_000

/** A cell that ended with an error. */
export interface FailedCell {
  /** Counted from 1, code cells only. */
  cell: number
  source: string
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
 * Runs every code cell of the notebook, also after one that failed.
 * @param path - below the server's root.
 */
export async function runNotebook(
  server: { url: string; token: string },
  path: string,
  onOutput?: (message: KernelMessage.IIOPubMessage) => void,
): Promise<FailedCell[]> {
  const settings = serverSettings(server)
  using contents = disposable(new ContentsManager({ serverSettings: settings }))
  using kernels = disposable(new KernelManager({ serverSettings: settings }))
  const file = await contents.get(path)
  const notebook = Notebook.parse(file.content)
  const kernel = await kernels.startNew({ name: notebook.metadata.kernelspec.name })
  try {
    const failed: FailedCell[] = []
    const sources = notebook.cells.flatMap((cell) => (cell.cell_type === 'code' ? cell.source : []))
    for (const [index, source] of sources.entries()) {
      const future = kernel.requestExecute({ code: source, stop_on_error: true })
      future.onIOPub = (message) => onOutput?.(message)
      const { content } = await within(future.done, `cell ${index + 1}`)
      if (content.status === 'ok') continue
      const error = content.status === 'error' ? `${content.ename}: ${content.evalue}` : 'aborted'
      failed.push({ cell: index + 1, source, error })
    }
    return failed
  } finally {
    await kernel.shutdown()
    kernel.dispose()
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
