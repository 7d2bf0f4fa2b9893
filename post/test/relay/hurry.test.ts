// What a kernel that ends still has to post. It measures times, so it runs alone.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { RelayPoster } from '../../relay/poster.ts'
import type { Post } from '../../contract/schema.ts'
import { relayProgram, testFolder } from '../helpers/folder.ts'
import type { TestFolder } from '../helpers/folder.ts'
import { startStandIn } from '../helpers/relay.ts'
import type { StandIn } from '../helpers/relay.ts'

let relay: StandIn
let folder: TestFolder
let posters: RelayPoster[] = []

beforeEach(async () => {
  relay = await startStandIn()
  folder = testFolder({ JUPYTERPOST_URL: relay.url, JUPYTERPOST_TOKEN: 'secret-token' })
})

afterEach(async () => {
  for (const one of posters) one.close()
  posters = []
  await relay.close()
  folder.remove()
})

function poster(): RelayPoster {
  const one = new RelayPoster({ env: folder.env, relayProgram })
  posters.push(one)
  return one
}

const message = (text: string): Post => ({
  targets: ['@me'],
  blocks: [{ type: 'message', text }],
  files: [],
})

const texts = (): string[] =>
  relay.taken.map(({ manifest }) =>
    manifest.blocks.map((block) => ('text' in block ? block.text : '')).join(),
  )

test('in a hurry what was under way at a relay that hangs holds up no last words, however many', async () => {
  const ending = poster()
  const hanging = Promise.withResolvers<void>()
  relay.misbehave = () => {
    hanging.resolve()
    return undefined
  }
  const underWay = ending.post(message('zero'))
  await hanging.promise
  const started = performance.now()
  ending.hurry()
  const last = [underWay, ...['one', 'two', 'three'].map((text) => ending.post(message(text)))]
  for (const receipt of await Promise.all(last)) expect(receipt.kind).toBe('spooled')
  // The kernel has 1.5 s when its server stops.
  expect(performance.now() - started).toBeLessThan(1500)
  relay.misbehave = undefined
  await poster().flush()
  expect(texts()).toEqual(['zero', 'one', 'two', 'three'])
})
