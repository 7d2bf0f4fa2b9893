// What single operations of the stores cost with more and more posts: half of them wait, half are
// delivered. A cost that grows with the number of posts would be a search through all of them.
import { join } from 'node:path'

import { inBatches } from '../../service/storage/batches.ts'
import { temporaryFolder } from '../../service/test/helpers/relay.ts'
import { fill } from './fill.ts'
import { ROOMS, personOf } from './programs.ts'
import { sizes } from './sizes.ts'
import { openStoresIn } from './stores.ts'
import type { OpenStores } from './stores.ts'

export const OPERATIONS = ['accept', 'claim', 'deliver', 'list', 'feed', 'prune'] as const
export type Operation = (typeof OPERATIONS)[number]

export interface Point {
  rows: number
  /** ms of processor time, the mean of each operation. */
  ms: Record<Operation, number>
}

const LISTED = 50
const LEASE_MS = 90_000
/** An hour in ms: what is to be pruned at the next look was accepted in the one before. */
const HOUR = 3_600_000

export async function flat(): Promise<Point[]> {
  using folder = temporaryFolder()
  const path = join(folder.path, 'flat.sqlite')
  await seed(path)
  const points: Point[] = []
  let rows = 2 * ROOMS
  for (const wanted of sizes.rows) {
    const half = Math.floor((wanted - rows) / 2)
    fill(path, { waiting: half, sent: half })
    rows += 2 * half
    points.push({ rows: wanted, ms: await measure(path) })
  }
  return points
}

/** For each person one post that is delivered and one that waits. */
async function seed(path: string): Promise<void> {
  using stores = openStoresIn(path)
  const { outbox, submission } = stores
  for (let round = 0; round < 2; round += 1)
    for (let client = 0; client < ROOMS; client += 1) await outbox.accept(submission(client))
  for (let client = 0; client < ROOMS; client += 1) await deliverOne(stores)
}

async function measure(path: string): Promise<Point['ms']> {
  using stores = openStoresIn(path)
  // The disk would be all that is seen, and its noise.
  stores.db.define('PRAGMA synchronous = OFF')
  const { outbox, submission } = stores
  const reader = { name: personOf(1), lanes: [`inbox:@${personOf(1)}`] }
  const claims: Array<() => Promise<void>> = []
  const ms = {
    accept: await time(async (n) => void (await outbox.accept(submission(n)))),
    claim: await time(async () => {
      const claim = await outbox.claim({ service: 'inbox', leaseMs: LEASE_MS })
      if (!claim) throw new Error('Nothing to claim')
      claims.push(() => outbox.leases.release(claim))
    }, ROOMS),
    deliver: 0,
    list: await time(async () => {
      const { places } = outbox.list(reader.name, { limit: LISTED })
      for (const { id } of places) outbox.read(id, reader)
    }),
    feed: await time(async () => {
      outbox.changes(String(Math.max(0, Number(outbox.cursor()) - LISTED)), reader, LISTED)
    }),
    prune: await time(async () => prune(stores), 5),
  }
  for (const release of claims) await release()
  return { ...ms, deliver: await time(async () => deliverOne(stores), ROOMS) }
}

async function prune({ outbox: { keeping } }: OpenStores): Promise<void> {
  const before = Date.now() - HOUR
  const nothingElse = { isNeeded: () => false, also: () => undefined }
  const { signal } = new AbortController()
  for (const batch of [keeping.posts(before, nothingElse), keeping.events(before)])
    await inBatches(batch, signal)
}

async function deliverOne({ outbox, inbox }: OpenStores): Promise<void> {
  const claim = await outbox.claim({ service: 'inbox', leaseMs: LEASE_MS })
  if (claim?.kind !== 'post' || !claim.destination) throw new Error('Nothing to deliver')
  const { id, person, destination, blocks, files, source, acceptedAt, thread = id } = claim
  const delivery = { id, person, destination, blocks, files, source, thread }
  await inbox.add({ ...delivery, acceptedAt: new Date(acceptedAt).toISOString() })
  const messages = [{ id, text: true, files: false }]
  await outbox.delivered(claim, { messages, url: undefined, thread, leftOut: [] })
}

/**
 * The mean of the processor time, in ms: by the clock, other work of the machine would be all that
 * is seen.
 */
async function time(run: (n: number) => Promise<void>, most = Infinity): Promise<number> {
  const count = Math.min(sizes.samples, most)
  const before = process.cpuUsage()
  for (let n = 0; n < count; n += 1) await run(n)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / count
}
