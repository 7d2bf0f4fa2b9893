// A stand-in npm registry over real HTTP, with packages that tests make.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

type Json = Record<string, unknown>

interface Published {
  manifest: Json
  archive: Buffer
}
type Versions = Map<string, Published>

/** Path -> text. `package.json` needs no name and version. */
export type Files = Readonly<Record<string, string>>

export interface Registry {
  url: string
  /** Paths that were asked for. */
  requests: string[]
  publish(name: string, version: string, files?: Files, manifest?: Json): void
  /** Answers requests whose path contains the word; undefined leaves them unanswered. */
  answer: Map<string, ((request: IncomingMessage, response: ServerResponse) => void) | undefined>
  /** Leaves requests unanswered whose path contains the word, until the function is called. */
  hold(word: string): () => void
  close(): Promise<void>
}

export async function startRegistry(): Promise<Registry> {
  const packages = new Map<string, Versions>()
  const requests: string[] = []
  const answers: Registry['answer'] = new Map()
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    requests.push(path)
    const special = [...answers.keys()].find((word) => path.includes(word))
    if (special !== undefined) return answers.get(special)?.(request, response)
    const [name = '', file] = path.slice(1).split('/-/')
    const versions = packages.get(name)
    if (!versions) return void response.writeHead(404).end('{"error":"not found"}')
    if (file !== undefined) {
      const archive = versions.get(file.replace('.tgz', ''))?.archive
      return void response.writeHead(archive ? 200 : 404).end(archive)
    }
    response.setHeader('content-type', 'application/json')
    return void response.end(
      JSON.stringify({
        name,
        'dist-tags': { latest: [...versions.keys()].at(-1) },
        versions: Object.fromEntries([...versions].map(([at, { manifest }]) => [at, manifest])),
      }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const url = `http://127.0.0.1:${address.port}/`
  return {
    url,
    requests,
    answer: answers,
    publish(name, version, files = {}, manifest = {}) {
      const whole = { name, version, ...manifest }
      const archive = packed({ 'package.json': JSON.stringify(whole), ...files })
      const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`
      const dist = { tarball: `${url}${name}/-/${version}.tgz`, integrity }
      const versions = packages.get(name) ?? new Map<string, Published>()
      packages.set(name, versions.set(version, { manifest: { ...whole, dist }, archive }))
    },
    hold(word) {
      const held: Array<() => void> = []
      answers.set(word, ({ url: location = '/' }, response) => {
        held.push(() => void response.writeHead(302, { location }).end())
      })
      return () => {
        answers.delete(word)
        for (const release of held) release()
      }
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function packed(files: Files): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'jupyterpost-pack-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, 'package', path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    execFileSync('tar', ['czf', 'package.tgz', 'package'], { cwd: folder })
    return readFileSync(join(folder, 'package.tgz'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
