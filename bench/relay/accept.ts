// Accepting: the relay and the bare server get the same load in turn, slice by slice, so that the
// noise of the machine affects both alike.
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { temporaryFolder } from '../../service/test/helpers/relay.ts'
import { fill } from './fill.ts'
import { load } from './load.ts'
import type { Rate } from './load.ts'
import { bareServer, chatServer, databaseIn, hubOfAll, relayProgram } from './programs.ts'
import type { RelayProgram } from './programs.ts'
import { BODY_BYTES, requests } from './requests.ts'
import type { Place } from './requests.ts'
import { sizes } from './sizes.ts'

export interface Pair {
  relay: Rate
  bare: Rate
}

export interface Accepting {
  /** Writes of a body and `fdatasync` to a file, one after the other, a second. */
  syncs: number
  one: Pair
  many: Pair
  waiting: Pair
  /** The posts are for the inbox, which gets them meanwhile. */
  delivering: Pair
}

export const MANY = 32

export async function accepting(): Promise<Accepting> {
  await using hub = await hubOfAll()
  await using chat = await chatServer()
  using folder = temporaryFolder()
  await using bare = await bareServer(folder.path)
  const server = { bare: Number(bare.says) }
  let figures
  {
    await using relay = await relayProgram(folder.path, { hub, chat })
    await compare(relay, server.bare, MANY, 'bench', 1)
    figures = {
      one: await compare(relay, server.bare, 1, 'bench'),
      many: await compare(relay, server.bare, MANY, 'bench'),
    }
  }
  fill(databaseIn(folder.path), { waiting: sizes.waiting })
  let waiting
  {
    await using relay = await relayProgram(folder.path, { hub, chat })
    await compare(relay, server.bare, MANY, 'bench', 1)
    waiting = await compare(relay, server.bare, MANY, 'bench')
  }
  using other = temporaryFolder()
  await using relay = await relayProgram(other.path, { hub })
  await compare(relay, server.bare, MANY, 'inbox', 1)
  const delivering = await compare(relay, server.bare, MANY, 'inbox')
  return { ...figures, waiting, delivering, syncs: syncRate(folder.path) }
}

async function compare(
  { port, prefix }: RelayProgram,
  bare: number,
  clients: number,
  place: Place,
  slices = sizes.slices,
): Promise<Pair> {
  const request = requests(prefix, place)
  const ms = sizes.sliceMs
  const rates = { relay: new Array<Rate>(), bare: new Array<Rate>() }
  for (let slice = 0; slice < slices; slice += 1) {
    rates.bare.push(await load({ port: bare, clients, ms, request }))
    rates.relay.push(await load({ port, clients, ms, request }))
  }
  return { relay: middle(rates.relay), bare: middle(rates.bare) }
}

/** The median of each figure. */
function middle(rates: readonly Rate[]): Rate {
  const of = (read: (rate: Rate) => number) =>
    rates.map(read).toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] ?? Number.NaN
  return {
    perSecond: of(({ perSecond }) => perSecond),
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
  }
}

function syncRate(folder: string): number {
  const file = openSync(join(folder, 'raw'), 'w')
  const bytes = Buffer.alloc(BODY_BYTES, 'x')
  const start = performance.now()
  let count = 0
  while (performance.now() - start < sizes.sliceMs) {
    writeSync(file, bytes)
    fdatasyncSync(file)
    count += 1
  }
  const perSecond = (count / (performance.now() - start)) * 1000
  closeSync(file)
  return perSecond
}
