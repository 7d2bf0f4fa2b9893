// `npm start`: everything that a newcomer needs, in this clone: Jupyter in .venv, the kernel, the
// relay with its inbox. Writes nothing outside the clone; on Ctrl-C and SIGTERM it ends what it
// started, by process id.
import { basename, join } from 'node:path'
import { messageOf } from '../post/contract/error.ts'
import { installKernelspec } from '../install/kernelspec.ts'
import { buildIfStale } from './build.ts'
import type { Child } from './child.ts'
import { clone, cloneEnvironment, startVenv } from './clone.ts'
import { runDemo } from './demo.ts'
import { copyExample, copyExamples } from './examples.ts'
import { startJupyter } from './jupyter.ts'
import { endLeftOver, Started } from './left-over.ts'
import { inboxPage, startRelay } from './relay.ts'
import type { Relay } from './relay.ts'
import { prepareVenv } from './venv.ts'

const USAGE = `Usage: npm start              JupyterLab with the example notebook, and the relay with its inbox page
       npm start -- --demo    the same without a person: runs the example, prints what arrived in the inbox
`
const EXAMPLE = 'first-post.ipynb'
/** Where all state goes; a test uses a folder of its own. */
const state = process.env['JUPYTERPOST_START_STATE'] ?? join(clone, '.state')

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** Aborted by the first Ctrl-C or SIGTERM; later ones must not cut the clean ending short. */
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => stop.abort())
// The reader is gone: `npm start | head`, for example.
process.stdout.on('error', () => stop.abort())
const asked = new Promise<'asked'>((resolve) => {
  stop.signal.addEventListener('abort', () => resolve('asked'))
})

/** Whether the person sits at this machine, so that a browser can be opened. */
const hasBrowser =
  process.stdout.isTTY &&
  (['darwin', 'win32'].includes(process.platform) ||
    Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']))

/** A link lets one browser in; Enter makes another. */
function offerLinks(relay: Relay): void {
  say('Press Enter for another link to the inbox: each lets one browser in, which then stays in.')
  const next = async () => {
    try {
      say(`Inbox:      ${await inboxPage(relay)}`)
    } catch (error) {
      say(messageOf(error))
    }
  }
  process.stdin.on('data', () => void next())
}

async function start(demo: boolean): Promise<number> {
  await prepareVenv(startVenv, say)
  await buildIfStale(say)
  stop.signal.throwIfAborted()
  const env = cloneEnvironment(state)
  say(`Kernel: ${installKernelspec(join(state, 'jupyter/data'), { name: 'jupyterpost' })}`)
  const root = join(state, demo ? 'demo' : 'notebooks')
  if (demo) copyExample(root, EXAMPLE)
  else copyExamples(root)
  using started = new Started(state)
  await endLeftOver(state, say)
  const onStarted = (title: string, pid: number) => started.add(title, pid)
  const children: Array<Pick<Child, 'stop'>> = []
  try {
    const relay = await startRelay(env, onStarted)
    children.push(relay)
    say(`Relay:  ${relay.url}${relay.isOurs ? '' : ' (it was already running, and goes on)'}`)
    const open = `/lab/tree/${EXAMPLE}`
    const jupyter = await startJupyter({
      app: demo ? 'server' : 'lab',
      env,
      root,
      onStarted,
      ...(hasBrowser && !demo && { open }),
    })
    children.unshift(jupyter)
    if (demo) {
      const complete = await Promise.race([runDemo(jupyter, relay, basename(EXAMPLE), say), asked])
      return complete === true ? 0 : 1
    }
    say(`\nJupyterLab: ${jupyter.url}${open.slice(1)}?token=${jupyter.token}`)
    say(`Inbox:      ${await inboxPage(relay)}`)
    say('\nRun the cells of the notebook and watch the inbox. Ctrl-C ends both.')
    if (process.stdin.isTTY) offerLinks(relay)
    const ended = await Promise.race([
      asked,
      jupyter.ended.then(() => 'JupyterLab'),
      relay.ended.then(() => 'The relay'),
    ])
    if (ended === 'asked') return 0
    say(`${ended} ended; ending the other.`)
    return ended === 'JupyterLab' ? 0 : 1
  } finally {
    for (const child of children) await child.stop()
  }
}

const words = process.argv.slice(2)
const unknown = words.find((word) => word !== '--demo')
if (unknown !== undefined) {
  process.stderr.write(`${unknown === '--help' ? '' : `Unknown word ${unknown}\n`}${USAGE}`)
  process.exit(unknown === '--help' ? 0 : 2)
}
try {
  process.exit(await start(words.includes('--demo')))
} catch (error) {
  // pip or the compiler, whichever was running, got the same Ctrl-C and failed because of it.
  if (stop.signal.aborted) {
    process.stderr.write('\nStopped. The next npm start goes on from here.\n')
    process.exit(130)
  }
  process.stderr.write(`\n${messageOf(error)}\n`)
  process.exit(1)
}
