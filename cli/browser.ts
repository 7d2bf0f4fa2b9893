// Opens a link in the person's browser, if they sit at this machine. Whoever uses the link first is
// let in, and all users of the machine see the arguments of programs. So the browser gets a file
// that leads to the link and that only this person can read, as in Jupyter.
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { jupyterRuntimeFolder } from '../post/relay/folders.ts'

const OPENING_MS = 3000

/** @returns False if no browser could be opened. */
export async function openInBrowser(page: URL, env: NodeJS.ProcessEnv): Promise<boolean> {
  const opener = openerOf(env)
  if (opener === undefined) return false
  const folder = jupyterRuntimeFolder(env)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'jupyterpost-inbox.html')
  rmSync(path, { force: true })
  writeFileSync(path, leadingTo(page), { mode: 0o600, flag: 'wx' })
  const [program, ...words] = opener
  return new Promise((resolve) => {
    const child = spawn(program, [...words, pathToFileURL(path).href], {
      detached: true,
      stdio: 'ignore',
      env,
    })
    // Openers end at once; one that goes on running is the browser itself.
    const timer = setTimeout(() => {
      child.unref()
      resolve(true)
    }, OPENING_MS)
    child.once('error', () => {
      clearTimeout(timer)
      resolve(false)
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      resolve(code === 0)
    })
  })
}

function openerOf(env: NodeJS.ProcessEnv): [string, ...string[]] | undefined {
  if (process.platform === 'darwin') return ['open']
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined
}

/** An address of the relay contains no other characters with a meaning in HTML. */
function leadingTo({ href }: URL): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=${href.replaceAll('&', '&amp;').replaceAll('"', '%22')}">
<title>jupyterpost inbox</title>
<p>Opening the inbox. The link works once; <code>jupyterpost inbox</code> prints another.</p>
`
}
