// Drawing processes can do nothing but draw: shown by trying, set up like the real ones.
import { spawn } from 'node:child_process'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'

import { findConfinement, guards, startConfined } from '../../convert/confinement.ts'
import type { Guard } from '../../convert/confinement.ts'
import type { Answer, Job } from '../../convert/jobs.ts'
import { inNamespaces, NOBODY } from '../../convert/namespaces.ts'
import { readableFolders } from '../../convert/package-folders.ts'
import { listening, temporaryFolder } from '../helpers/relay.ts'

// Programs start slowly on a loaded machine.
jest.setTimeout(60_000)

const NEVER = new AbortController().signal
const program = fileURLToPath(new URL('../fixtures/confined.ts', import.meta.url))
const isRoot = process.getuid?.() === 0

const folder = temporaryFolder()
const secretFile = join(folder.path, 'secret')
let server: Server
let port: number
beforeAll(async () => {
  writeFileSync(secretFile, 'secret', { mode: 0o600 })
  server = createServer((socket) => socket.destroy())
  port = await listening(server)
})
afterAll(() => {
  server.close()
  folder[Symbol.dispose]()
})

/** Results of its attempts; undefined if it did not start. */
async function toldBy(child: ChildProcess): Promise<unknown> {
  const job: Job = {
    kind: 'svg',
    svg: JSON.stringify({ port, secretFile }),
    limits: { pixels: 1, bytes: 1 },
  }
  const told = Promise.withResolvers<unknown>()
  child.on('exit', () => told.resolve(undefined)).on('error', () => told.resolve(undefined))
  child.on('message', (answer: Answer | 'ready') => {
    if (answer === 'ready') child.send({ n: 1, job })
    else told.resolve('why' in answer.outcome ? JSON.parse(answer.outcome.why) : answer)
  })
  try {
    return await told.promise
  } finally {
    child.kill('SIGKILL')
  }
}

/** Refused by Node alone, whatever is around it. */
const REFUSED_BY_NODE = {
  environment: {},
  passwd: 'ERR_ACCESS_DENIED',
  secret: 'ERR_ACCESS_DENIED',
  secretFolder: 'ERR_ACCESS_DENIED',
  parentEnvironment: 'ERR_ACCESS_DENIED',
  parentMemory: 'ERR_ACCESS_DENIED',
  write: 'ERR_ACCESS_DENIED',
  spawn: 'ERR_ACCESS_DENIED',
  replace: 'ERR_ACCESS_DENIED',
  thread: 'ERR_ACCESS_DENIED',
  ownFile: 'done',
}
/** Node 24 cannot forbid the network. */
const NETWORK: Record<Guard, string> = {
  namespaces: 'ENETUNREACH',
  'another user': 'done',
  none: 'done',
}

describe.each([
  ['draws', false, 'ERR_DLOPEN_DISABLED'],
  ['decodes bitmaps', true, 'ERR_ACCESS_DENIED'],
])('code in the process that %s', (_name, addons, addon) => {
  test.each(guards())(
    'reaches no file, environment or process that is not its own: guarded by %s',
    async (guard) => {
      const kind = { program, addons }
      const told = await toldBy(startConfined(kind, { guard, env: {} }))
      const found = await findConfinement([kind], NEVER)
      // A guard that does not work here must not be chosen.
      if (told === undefined) expect(found.guard).not.toBe(guard)
      else expect(told).toEqual({ ...REFUSED_BY_NODE, addon, network: NETWORK[guard] })
    },
  )
})

describe('native code, which Node does not bind,', () => {
  const stdio: StdioOptions = ['ignore', 'ignore', 'ignore', 'ipc']

  test('reaches no more where there are namespaces', async () => {
    const [command, ...words] = inNamespaces(
      [process.execPath, program],
      readableFolders(program),
      isRoot,
    )
    const told = await toldBy(spawn(command, words, { env: {}, stdio }))
    const { guard } = await findConfinement([{ program, addons: true }], NEVER)
    if (told === undefined) expect(guard).not.toBe('namespaces')
    else
      expect(told).toMatchObject({
        environment: {},
        passwd: 'ENOENT',
        secret: 'ENOENT',
        secretFolder: 'ENOENT',
        parentEnvironment: 'ENOENT',
        parentMemory: 'ENOENT',
        write: 'EROFS',
        network: 'ENETUNREACH',
      })
  })

  test('reaches nothing of the relay where that gives it to another user', async () => {
    const other = isRoot ? { uid: NOBODY, gid: NOBODY } : {}
    const told = await toldBy(spawn(process.execPath, [program], { env: {}, stdio, ...other }))
    if (!guards().includes('another user')) expect(isRoot).toBe(false)
    else
      expect(told).toMatchObject({
        environment: {},
        secret: 'EACCES',
        parentEnvironment: 'EACCES',
        parentMemory: 'EACCES',
        write: 'EACCES',
      })
  })
})
