// A kernel in a user's server on the Hub, started and used through the server's own API with
// Jupyter's own client.
import { KernelManager, KernelMessage, ServerConnection } from '@jupyterlab/services'
import type { Kernel } from '@jupyterlab/services'

// The library logs each state of each kernel.
console.debug = () => undefined

export interface CellResult {
  status: KernelMessage.IExecuteReplyMsg['content']['status']
  /** `Name: message` of an error, from the reply. */
  error: string
  /** Streams, and the plain text of results as JSON, in order. */
  text: string
}

export interface TestNotebook {
  run(code: string): Promise<CellResult>
  close(): Promise<void>
}

/** @param serverUrl - `http://HOST/user/NAME/`; the token may access that server. */
export async function openNotebook(serverUrl: string, token: string): Promise<TestNotebook> {
  const serverSettings = ServerConnection.makeSettings({
    baseUrl: serverUrl,
    wsUrl: serverUrl.replace(/^http/, 'ws'),
    token,
    appendToken: true,
    // Jest's realm has its own globals, which the library would not find.
    fetch,
    WebSocket,
    Request,
    Headers,
  })
  const manager = new KernelManager({ serverSettings, standby: 'never' })
  await manager.ready
  const kernel = await manager.startNew({ name: 'jupyterpost' })
  return {
    run: (code) => run(kernel, code),
    async close() {
      await kernel.shutdown()
      kernel.dispose()
      manager.dispose()
    },
  }
}

async function run(kernel: Kernel.IKernelConnection, code: string): Promise<CellResult> {
  let text = ''
  const future = kernel.requestExecute({ code, allow_stdin: false })
  future.onIOPub = (message) => {
    if (KernelMessage.isStreamMsg(message)) text += message.content.text
    if (KernelMessage.isExecuteResultMsg(message) || KernelMessage.isDisplayDataMsg(message))
      text += `${JSON.stringify(message.content.data['text/plain'])}\n`
  }
  const { content } = await future.done
  const error = content.status === 'error' ? `${content.ename}: ${content.evalue}` : ''
  return { status: content.status, error, text }
}
