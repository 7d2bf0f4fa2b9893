// The browser that tests drive: Debian's Chromium, or the one named by CHROMIUM.
import { existsSync } from 'node:fs'
import { canInstallDebian, installDebian } from './debian.ts'
import type { Say } from './run.ts'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Absolute path of the browser; undefined if there is none. */
export function chromium(): string | undefined {
  return process.env['CHROMIUM'] ?? PLACES.find((path) => existsSync(path))
}

/** Makes sure that there is one. @throws {Error} that says how to get one. */
export async function prepareChromium(say: Say): Promise<void> {
  if (chromium() !== undefined) return
  if (await canInstallDebian())
    await installDebian(['chromium'], 'to test JupyterLab and the inbox page in a browser', say)
  if (chromium() !== undefined) return
  throw new Error(
    `The tests need Chromium and found none (${PLACES.join(', ')}). Install it, e.g. \`sudo apt install chromium\`, or name a browser in CHROMIUM.`,
  )
}
