// The relay's own search for secrets, over HTTP: everybody's posts are masked, except those of
// people whom the policy exempts.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { parseConfig } from '../../config.ts'
import { Accepted, Feed } from '../../../post/contract/schema.ts'
import { GRANT, startHub } from '../helpers/hub.ts'
import type { TestHub } from '../helpers/hub.ts'
import { authorized, message, send, temporaryFolder, testRelay } from '../helpers/relay.ts'
import type { Folder, TestRelay } from '../helpers/relay.ts'

const SECRET = `ghp_${'a1B2'.repeat(9)}`

let hub: TestHub
let folder: Folder
let relay: TestRelay

beforeAll(async () => {
  hub = await startHub()
  for (const name of ['ada', 'bob']) hub.users.set(`t-${name}`, { name, scopes: [GRANT] })
  folder = temporaryFolder()
  const config = join(folder.path, 'config.json')
  writeFileSync(config, JSON.stringify({ policy: { unmasked: ['ada'] } }))
  relay = await testRelay({
    ...folder.env,
    JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
    JUPYTERHUB_SERVICE_PREFIX: '/services/jupyterpost/',
    JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
    JUPYTERHUB_API_URL: hub.apiUrl,
    JUPYTERPOST_DATABASE: `${folder.path}/relay.sqlite`,
    JUPYTERPOST_CONFIG: config,
  })
})

afterAll(async () => {
  await relay[Symbol.asyncDispose]()
  await hub[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** Posts as that person. @returns The answer's notices, and the post as its reader sees it. */
async function posted(person: string, manifest: object, files: File[] = []) {
  const at = { url: relay.url, token: `t-${person}` }
  const answer = Accepted.parse(await (await send(at, manifest, { files })).json())
  const headers = authorized(at.token)
  const feed = await fetch(new URL('api/v1/posts?limit=1', at.url), { headers })
  const read = Feed.parse(await feed.json()).posts[0]
  const bytes = await fetch(new URL(`api/v1/posts/${read?.id}/files/0`, at.url), { headers })
  return {
    notices: answer.posts.flatMap(({ notices }) => notices),
    blocks: read?.blocks,
    file: files.length === 0 ? undefined : await bytes.text(),
  }
}

test('posts of a client that does not mask are masked by the relay, files too, with one notice', async () => {
  const { notices, blocks, file } = await posted('bob', message(`it is ${SECRET}`, '@me', '@bob'), [
    new File([`key ${SECRET}`], 'a.txt'),
  ])
  expect(blocks).toEqual([{ type: 'message', text: 'it is [masked: GitHub token]' }])
  expect(file).toBe('key [masked: GitHub token]')
  expect(notices).toEqual(['1 secret masked'])
})

test('the wish of a person without the grant is not followed, and the receipt says so', async () => {
  const { notices, blocks } = await posted('bob', { ...message(SECRET, '@me'), mask: 'off' })
  expect(blocks).toEqual([{ type: 'message', text: '[masked: GitHub token]' }])
  expect(notices).toEqual([
    '1 secret masked: this relay grants --no-mask to others only, ask its admin',
  ])
})

test('the wish of a person with the grant is followed; without the wish the post is masked', async () => {
  const wish = await posted('ada', { ...message(SECRET, '@me'), mask: 'off' })
  expect(wish).toMatchObject({ notices: [], blocks: [{ text: SECRET }] })
  const plain = await posted('ada', message(SECRET, '@me'))
  expect(plain).toMatchObject({ blocks: [{ text: '[masked: GitHub token]' }] })
})

test('a wish with nothing to mask needs no grant', async () => {
  const { notices } = await posted('bob', { ...message('plain', '@me'), mask: 'off' })
  expect(notices).toEqual([])
})

test('posts of the original protocol are masked too', async () => {
  const form = new FormData()
  form.append('message', SECRET)
  form.append('channel', '@me')
  const headers = authorized('t-bob')
  const answer = await fetch(relay.url, { method: 'POST', body: form, headers })
  expect([answer.status, await answer.text()]).toEqual([200, ''])
  const feed = await fetch(new URL('api/v1/posts?limit=1', relay.url), { headers })
  expect(Feed.parse(await feed.json()).posts[0]?.blocks).toMatchObject([
    { text: '[masked: GitHub token]' },
  ])
})

test('a repeated post gets the same answer', async () => {
  const at = { url: relay.url, token: 't-bob' }
  const answers = await Promise.all(
    [1, 2].map(async () => (await send(at, message(SECRET, '@me'), { key: 'once' })).json()),
  )
  expect(answers[0]).toEqual(answers[1])
  expect(Accepted.parse(answers[0]).posts[0]?.notices).toEqual(['1 secret masked'])
})

test.each([
  [{}, 'everyone'],
  [{ policy: { unmasked: ['ada'] } }, ['ada']],
])('with the file %j a local relay grants --no-mask to %j', (file, unmasked) => {
  const path = join(folder.path, 'local.json')
  writeFileSync(path, JSON.stringify(file))
  expect(parseConfig({}, { config: path })).toMatchObject({ unmasked })
})

const HTML = {
  type: 'html',
  html: `<p>it is <b>gh</b>&#112;_${'a1B2'.repeat(9)}</p><table><tr><th>k</th></tr><tr><td>v</td></tr></table>`,
  text: 'plain',
}
const TABLE = { type: 'table', columns: ['k'], rows: [['v']] }

test('what a tag and an entity hide in HTML is masked, and no HTML is kept', async () => {
  const { notices, blocks } = await posted('bob', { targets: ['@me'], blocks: [HTML] })
  expect(blocks).toEqual([
    { type: 'markdown', text: 'it is **\\[masked: GitHub token\\]**' },
    TABLE,
  ])
  expect(notices).toEqual(['1 secret masked'])
})

test('HTML of a person with the grant is read and not masked', async () => {
  const wish = { targets: ['@me'], blocks: [HTML], mask: 'off' }
  expect(await posted('ada', wish)).toMatchObject({
    notices: [],
    blocks: [{ type: 'markdown', text: `it is **gh**p_${'a1B2'.repeat(9)}` }, TABLE],
  })
})
