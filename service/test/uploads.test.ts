// Uploads of a relay that is a process of its own, as the package runs it: what many large ones
// cost in memory, and what is left of them on the disk.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { Accepted } from '../../post/contract/schema.ts'
import { until } from '../../test/helpers/until.ts'
import { megabytesOf } from '../convert/process-usage.ts'
import { allDelivered, authorized, temporaryFolder } from './helpers/relay.ts'
import type { Folder } from './helpers/relay.ts'

const MB = 1024 * 1024
const PROGRAM = join(import.meta.dirname, '../../bin/jupyterpost')
const RelayFile = z.object({ port: z.int(), token: z.string() })

interface Running extends AsyncDisposable {
  url: string
  token: string
  pid: number
  files: string
}

async function start(folder: Folder): Promise<Running> {
  const args = [PROGRAM, 'relay', '--mode', 'local']
  const child = spawn(process.execPath, args, { env: folder.env, stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const path = join(folder.path, 'runtime/relay.json')
  const read = () =>
    existsSync(path) ? RelayFile.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined
  const { port, token } = await until(read, 'the relay has announced itself')
  return {
    url: `http://127.0.0.1:${port}/`,
    token,
    pid: child.pid ?? 0,
    files: join(folder.path, 'state/jupyterpost/jupyterpost.sqlite.files'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Sends a post with one file, in pieces, so that this process has little of it in memory. */
function upload(at: Running, name: string, piece: Buffer, pieces: number): Promise<string> {
  const manifest = { targets: ['@me'], blocks: [{ type: 'file', file: 0 }] }
  const head = Buffer.from(
    `--b\r\nContent-Disposition: form-data; name="post"\r\n\r\n${JSON.stringify(manifest)}\r\n` +
      `--b\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\n\r\n`,
  )
  const tail = Buffer.from('\r\n--b--\r\n')
  return new Promise((resolve, reject) => {
    const sent = request(new URL('api/v1/posts', at.url), {
      method: 'POST',
      headers: {
        ...authorized(at.token),
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': head.length + piece.length * pieces + tail.length,
      },
    })
    sent.once('error', reject).once('response', (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.once('end', () => {
        if (answer.statusCode !== 202) reject(new Error(`${answer.statusCode}: ${text}`))
        else resolve(Accepted.parse(JSON.parse(text)).posts[0]?.id ?? '')
      })
    })
    const write = async () => {
      sent.write(head)
      for (let n = 0; n < pieces; n += 1) await new Promise((written) => sent.write(piece, written))
      sent.end(tail)
    }
    void write()
  })
}

/** Unlike for each name, and like nothing that has a type. */
function noise(name: string, size: number): Buffer {
  const bytes = Buffer.alloc(size, createHash('sha256').update(name).digest())
  bytes[0] = 0
  return bytes
}

async function highest(pid: number, whileDoing: Promise<unknown>): Promise<number> {
  let most = 0
  const looking = setInterval(() => {
    most = Math.max(most, megabytesOf(pid))
  }, 10)
  await whileDoing.finally(() => clearInterval(looking))
  return most
}

/** The fewer texts are searched for secrets by a thread, one after another. */
test.each([
  [50, 'bytes', (name: string) => noise(name, MB)],
  [10, 'text', (name: string) => Buffer.from(`${name},1,2,3\n`.repeat(MB).slice(0, MB))],
])(
  '%i uploads of 25 MB of %s at once take less than 250 MB of memory, and arrive as they were',
  async (count, _, pieceOf) => {
    using folder = temporaryFolder()
    await using at = await start(folder)
    const names = Array.from({ length: count }, (_one, n) => `file-${n}.csv`)
    const pieces = new Map(names.map((name) => [name, pieceOf(name)]))
    const empty = Buffer.alloc(0)
    const all = Promise.all(names.map((name) => upload(at, name, pieces.get(name) ?? empty, 25)))
    const most = await highest(at.pid, all)
    const ids = await all
    const delivering = await highest(at.pid, allDelivered(at, ids))
    expect(Math.max(most, delivering)).toBeLessThan(250)
    expect(readdirSync(at.files)).toHaveLength(count)
    expect(statSync(at.files).mode & 0o777).toBe(0o700)
    const id = ids[7] ?? ''
    const path = new URL(`api/v1/posts/${id}/files/0`, at.url)
    const answer = await fetch(path, { headers: authorized(at.token) })
    const got = createHash('sha256').update(Buffer.from(await answer.arrayBuffer()))
    const piece = pieces.get('file-7.csv') ?? empty
    const sent = createHash('sha256').update(Buffer.concat(Array.from({ length: 25 }, () => piece)))
    expect(got.digest('hex')).toBe(sent.digest('hex'))
    const tag = answer.headers.get('etag') ?? ''
    // `fetch` would ask for a new answer all the same.
    const headers = { ...authorized(at.token), 'if-none-match': tag }
    const again = await new Promise<IncomingMessage>((resolve) =>
      request(path, { headers }).once('response', resolve).end(),
    )
    again.resume()
    expect(again.statusCode).toBe(304)
  },
  120_000,
)
