// Tells in each answer that a quota concerns how much of it is left
// (draft-ietf-httpapi-ratelimit-headers), so that a client need not run into 429.

/** What is left of one quota. */
export interface Left {
  limit: number
  left: number
  /** Seconds until all of it is left again. */
  seconds: number
}

/** Seconds of a quota's window, by how its name ends. */
const WINDOWS: ReadonlyArray<readonly [end: string, seconds: number]> = [
  ['PerMinute', 60],
  ['PerHour', 3600],
  ['PerDay', 86_400],
]
/** These count bytes, the others requests or posts. */
const OF_BYTES: ReadonlySet<string> = new Set(['bytesPerHour', 'textPerHour'])

export function rateHeaders(quotas: Readonly<Record<string, Left>>): Record<string, string> {
  const entries = Object.entries(quotas)
  if (entries.length === 0) return {}
  return {
    'RateLimit-Policy': entries.map(([name, quota]) => policy(name, quota)).join(', '),
    RateLimit: entries
      .map(([name, { left, seconds }]) => {
        return `"${name}";r=${Math.max(0, left)};t=${Math.max(0, seconds)}`
      })
      .join(', '),
  }
}

function policy(name: string, { limit }: Left): string {
  const window = WINDOWS.find(([end]) => name.endsWith(end))?.[1]
  const unit = OF_BYTES.has(name) ? ';qu="content-bytes"' : ''
  return `"${name}";q=${limit}${window === undefined ? '' : `;w=${window}`}${unit}`
}
