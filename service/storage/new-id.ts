// Ids of rows: UUIDs of version 7 (RFC 9562), which begin with the time, so that an index grows at
// its end. With random ids each row would change another page, all of which a commit writes.
import { randomFillSync } from 'node:crypto'

const POOL = 4096
const RANDOM = 9
const pool = Buffer.alloc(POOL)
let used = POOL

/** Ids of one ms count up from a random number below this, in 24 bits. */
const MOST_FIRST = 0x80_0000
const MOST = 0xff_ffff
let last = Number.NaN
let count = 0

/**
 * Ids of one ms are sorted as they were made. 48 of their bits are random, and most of the others
 * too: nobody can guess an id.
 * @param now - ms since 1970
 */
export function newId(now: number): string {
  if (used + RANDOM > POOL) {
    randomFillSync(pool)
    used = 0
  }
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, '0').slice(-12)
  if (now === last) count = (count + 1) & MOST
  else count = pool.readUIntBE(used, 3) % MOST_FIRST
  last = now
  const counted = count.toString(16).padStart(6, '0')
  const bits = pool.toString('hex', used + 3, used + RANDOM)
  used += RANDOM
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counted.slice(0, 3)}-8${counted.slice(3)}-${bits}`
}
