// A relay that the Hub does not start: in the environment of docs/admin.md's systemd unit, nothing
// more.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const relay = join(import.meta.dirname, '../../../bin/jupyterpost')

export interface OutsideRelay {
  /** `http://127.0.0.1:PORT` */
  origin: string
  stop(): Promise<void>
}

export async function startOutsideRelay(hub: {
  apiUrl: string
  prefix: string
  folder: string
}): Promise<OutsideRelay> {
  const child = spawn(process.execPath, [relay, 'relay'], {
    cwd: hub.folder,
    env: {
      JUPYTERHUB_SERVICE_NAME: 'outside',
      JUPYTERHUB_SERVICE_PREFIX: hub.prefix,
      JUPYTERHUB_API_URL: hub.apiUrl,
      JUPYTERPOST_LISTEN: '127.0.0.1:0',
      JUPYTERPOST_DATABASE: join(hub.folder, 'outside.sqlite'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  for await (const line of createInterface(child.stdout)) {
    const url = /^Relay: (\S+)$/.exec(line)?.[1]
    if (url === undefined) continue
    child.stdout.resume()
    return {
      origin: new URL(url).origin,
      async stop() {
        child.kill('SIGTERM')
        await ended
      },
    }
  }
  throw new Error(`The relay ended before it listened: ${errors}`)
}
