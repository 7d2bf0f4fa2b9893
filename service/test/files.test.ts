// Large files beside the database: what is left of uploads that are refused, break off or are
// deleted, and what a relay finds when it starts.
import { mkdirSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { Accepted } from '../../post/contract/schema.ts'
import { Masker } from '../../post/secrets/mask.ts'
import { until } from '../../test/helpers/until.ts'
import { maskedFile } from '../offload/masked-file.ts'
import { isOnDisk } from '../storage/bytes.ts'
import { FileWriter } from '../storage/files.ts'
import { allDelivered, authorized, send, temporaryFolder, testRelay } from './helpers/relay.ts'
import type { Folder, TestRelay } from './helpers/relay.ts'

const MB = 1024 * 1024
const SECRET = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`
const filesOf = (folder: Folder) => join(folder.path, 'state/jupyterpost/jupyterpost.sqlite.files')
const namesIn = (folder: Folder) =>
  existsSync(filesOf(folder)) ? readdirSync(filesOf(folder)) : []
const attached = (target: string) => ({ targets: [target], blocks: [{ type: 'file', file: 0 }] })
const noise = (size: number) => Buffer.alloc(size, '\0\u0001')

async function post(at: TestRelay, bytes: Buffer): Promise<string> {
  const answer = await send(at, attached('@me'), { files: [new File([bytes], 'a.bin')] })
  const { posts } = Accepted.parse(await answer.json())
  const id = posts[0]?.id ?? ''
  await allDelivered(at, [id])
  return id
}

async function bytesOf(at: TestRelay, id: string): Promise<Buffer> {
  const path = new URL(`api/v1/posts/${id}/files/0`, at.url)
  const answer = await fetch(path, { headers: authorized(at.token) })
  return Buffer.from(await answer.arrayBuffer())
}

test('a large file is kept once on the disk, a small one in the database, and goes with its posts', async () => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  await post(at, noise(MB - 1))
  expect(namesIn(folder)).toEqual([])
  const bytes = noise(3 * MB)
  const ids = [await post(at, bytes), await post(at, bytes)]
  expect(namesIn(folder)).toHaveLength(1)
  expect((await bytesOf(at, ids[1] ?? '')).equals(bytes)).toBe(true)
  for (const id of ids) {
    const path = new URL(`api/v1/posts/${id}`, at.url)
    await fetch(path, { method: 'DELETE', headers: authorized(at.token) })
  }
  await until(() => namesIn(folder).length === 0, 'the file is deleted')
})

test('nothing is left of an upload that is refused, or that breaks off', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'relay.json')
  writeFileSync(file, JSON.stringify({ quota: { bytesPerHour: 8 * MB } }))
  await using at = await testRelay({ ...folder.env, JUPYTERPOST_CONFIG: file })
  const files = [new File([noise(3 * MB)], 'a.bin')]
  expect((await send(at, attached('@nobody-here'), { files })).status).toBe(404)
  expect((await send(at, 'no json', { files })).status).toBe(400)
  // Over the quota in the middle of the file.
  expect((await send(at, attached('@me'), { files })).status).toBe(429)
  await until(() => namesIn(folder).length === 0, 'what was refused is deleted')

  at.clock.ms += 3_600_000
  const sent = request(new URL('api/v1/posts', at.url), {
    method: 'POST',
    headers: {
      ...authorized(at.token),
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': 20 * MB,
    },
  })
  sent.on('error', () => undefined)
  sent.write('--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n')
  sent.write(noise(2 * MB))
  await until(() => namesIn(folder).length === 1, 'it is being written')
  sent.destroy()
  await until(() => namesIn(folder).length === 0, 'what broke off is deleted')
})

test('a relay deletes at its start what another left behind, and tells of files that are missing', async () => {
  using folder = temporaryFolder()
  let id = ''
  {
    await using at = await testRelay(folder.env)
    id = await post(at, noise(2 * MB))
  }
  const [kept = ''] = namesIn(folder)
  writeFileSync(join(filesOf(folder), 'left-behind'), 'x')
  {
    await using at = await testRelay(folder.env)
    await until(() => namesIn(folder).length === 1, 'the other file is deleted')
    expect(namesIn(folder)).toEqual([kept])
    expect(await bytesOf(at, id)).toHaveLength(2 * MB)
  }
  rmSync(join(filesOf(folder), kept))
  await using at = await testRelay(folder.env)
  expect((await bytesOf(at, id)).toString()).toContain('The relay no longer has the file a.bin')
})

test('text on the disk is masked in parts as it is as a whole, wherever its secrets are', async () => {
  using folder = temporaryFolder()
  mkdirSync(filesOf(folder), { recursive: true })
  const line = 'a,é,1234567\n'
  const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkq\n'.repeat(100)}-----END PRIVATE KEY-----\n`
  // One secret about every 10,000 characters, so some lie across the borders of parts.
  const text = Array.from(
    { length: 60 },
    (_, n) => line.repeat(800 + n) + (n % 3 === 0 ? key : `${SECRET}\n`),
  ).join('')
  const writer = new FileWriter(join(filesOf(folder), 'one'))
  await writer.write(Buffer.from(text))
  const bytes = await writer.end()
  const file = { name: 'a.csv', mimetype: 'text/csv' }
  const masker = new Masker()
  const masked = await maskedFile({ ...file, bytes }, masker)
  const whole = new Masker().file({ ...file, bytes: Buffer.from(text) })
  if (!isOnDisk(masked.bytes)) throw new Error('The masked file is in memory')
  expect(readFileSync(masked.bytes.path).equals(whole.bytes)).toBe(true)
  expect(masker.count).toBe(2)
  const clean = { ...file, bytes: { ...bytes, path: join(filesOf(folder), 'two') } }
  writeFileSync(clean.bytes.path, line.repeat(100_000))
  expect((await maskedFile(clean, new Masker())).bytes).toBe(clean.bytes)
  writeFileSync(clean.bytes.path, Buffer.alloc(MB, 0xff))
  expect((await maskedFile(clean, new Masker())).bytes).toBe(clean.bytes)
})
