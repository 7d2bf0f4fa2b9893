// What a cell showed, sent to a relay that reads HTML and to one of 0.1.0, which does not say so.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { RelayPoster } from '../../../post/relay/poster.ts'
import { relayProgram, testFolder } from '../../../post/test/helpers/folder.ts'
import type { TestFolder } from '../../../post/test/helpers/folder.ts'
import { startStandIn } from '../../../post/test/helpers/relay.ts'
import type { StandIn } from '../../../post/test/helpers/relay.ts'
import { captureCell } from '../../src/capture/blocks.ts'

const TABLE = '<table><tr><th>a</th></tr><tr><td>1</td></tr></table>'

let relay: StandIn
let folder: TestFolder
beforeEach(async () => {
  relay = await startStandIn()
  folder = testFolder()
})
afterEach(async () => {
  await relay.close()
  folder.remove()
})

/** The blocks of the post that arrives. */
async function arrived() {
  const poster = new RelayPoster({
    env: folder.env,
    url: relay.url,
    token: 'token',
    relayProgram,
  })
  const data = { 'text/html': TABLE, 'text/plain': 'a table' }
  const cell = {
    cellId: 'a',
    executionCount: 1,
    source: '',
    startedAt: 0,
    endedAt: 1,
    status: 'ok' as const,
    outputs: [{ type: 'display_data' as const, data, metadata: {} }],
    leftOut: [],
  }
  const captured = captureCell(cell, { stderr: false, limits: await poster.limits() })
  await poster.post({ targets: ['lab'], ...captured })
  poster.close()
  return relay.taken[0]?.manifest.blocks
}

test('a relay that reads HTML gets it as it is', async () => {
  expect(await arrived()).toEqual([{ type: 'html', html: TABLE, text: 'a table' }])
})

test('a relay of 0.1.0 gets a table', async () => {
  const { html: _, ...older } = relay.limits
  relay.limits = older
  expect(await arrived()).toEqual([{ type: 'table', columns: ['a'], rows: [['1']] }])
})
