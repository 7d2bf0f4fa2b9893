// Opens a link in the browser of a person who sits at this machine. The link lets in whoever uses
// it first, and all users can see the arguments of programs. So the browser gets a file that leads
// to the link and that only this person can read, as Jupyter does it.
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
    // The opener usually ends at once. If it keeps running, it is the browser itself.
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

/** A page that leads there. A URL has no other characters that must be escaped in HTML. */
function leadingTo({ href }: URL): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=${href.replaceAll('&', '&amp;').replaceAll('"', '%22')}">
<title>jupyterpost inbox</title>
<p>Opening the inbox. The link works once; <code>jupyterpost inbox</code> prints another.</p>
`
}
