// Ids of rows: UUIDs of version 7 (RFC 9562), which begin with the time, so that an index grows at
// its end. With random ids each row would change another page, all of which a commit writes.
import { randomFillSync } from 'node:crypto'

const POOL = 4096
const RANDOM = 10
const pool = Buffer.alloc(POOL)
let used = POOL

/** 74 of its bits are random: nobody can guess it. @param now - ms since 1970 */
export function newId(now: number): string {
  if (used + RANDOM > POOL) {
    randomFillSync(pool)
    used = 0
  }
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, '0').slice(-12)
  const bits = pool.toString('hex', used, used + RANDOM)
  used += RANDOM
  const variant = '89ab'[Number.parseInt(bits[3] ?? '0', 16) % 4]
  return `${time.slice(0, 8)}-${time.slice(8)}-7${bits.slice(0, 3)}-${variant}${bits.slice(4, 7)}-${bits.slice(8)}`
}
