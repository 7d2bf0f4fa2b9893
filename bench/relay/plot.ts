// Draws what operations cost with more and more posts, as an SVG with logarithmic axes: a cost in
// proportion to the posts would be a line as steep as the dotted one.
import { OPERATIONS } from './flat.ts'
import type { Operation, Point } from './flat.ts'

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 420, 70, 110, 20, 50]
const COLOURS: Readonly<Record<Operation, string>> = {
  accept: '#0072b2',
  claim: '#d55e00',
  deliver: '#009e73',
  list: '#cc79a7',
  feed: '#7f7f7f',
  prune: '#8b5a00',
}
/** Lines between which nothing can be read lie at least so far apart where they are named. */
const NAME_GAP = 14

export function plot(points: readonly Point[]): string {
  const rows = points.map((point) => Math.log10(point.rows))
  const costs = points.flatMap(({ ms }) => OPERATIONS.map((name) => Math.log10(ms[name])))
  const [first = 0, last = 1] = [rows[0], rows.at(-1)]
  const [low, high] = [Math.floor(Math.min(...costs)), Math.ceil(Math.max(...costs))]
  const x = (log: number) =>
    LEFT + ((log - first) / Math.max(1, last - first)) * (WIDTH - LEFT - RIGHT)
  const y = (log: number) =>
    HEIGHT - BOTTOM - ((log - low) / Math.max(1, high - low)) * (HEIGHT - TOP - BOTTOM)
  const grid = [
    ...points.map((point) => {
      const at = x(Math.log10(point.rows)).toFixed(1)
      return `<path d="M${at} ${TOP}V${HEIGHT - BOTTOM}" stroke="#ddd"/><text x="${at}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${point.rows.toLocaleString('en')}</text>`
    }),
    ...Array.from({ length: high - low + 1 }, (_, n) => {
      const at = y(low + n).toFixed(1)
      return `<path d="M${LEFT} ${at}H${WIDTH - RIGHT}" stroke="#ddd"/><text x="${LEFT - 8}" y="${at}" dy="4" text-anchor="end">${Number((10 ** (low + n)).toPrecision(1))} ms</text>`
    }),
  ]
  const rise = Math.min(last - first, high - low)
  const steep = `<path d="M${x(first)} ${y(low)}L${x(first + rise)} ${y(low + rise)}" stroke="#999" stroke-dasharray="2 4"/>`
  const heights = namePlaces(points.at(-1), (ms) => y(Math.log10(ms)))
  const lines = OPERATIONS.map((name) => {
    const path = points.map(
      (point) =>
        `${x(Math.log10(point.rows)).toFixed(1)} ${y(Math.log10(point.ms[name])).toFixed(1)}`,
    )
    return `<path d="M${path.join('L')}" stroke="${COLOURS[name]}" stroke-width="2" fill="none"/><text x="${WIDTH - RIGHT + 8}" y="${heights.get(name)}" dy="4" fill="${COLOURS[name]}">${name}</text>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...grid,
    steep,
    ...lines,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">posts in the database</text>`,
    '</svg>\n',
  ].join('\n')
}

/** Heights of the names, moved apart where lines end close together. */
function namePlaces(
  point: Point | undefined,
  height: (ms: number) => number,
): Map<Operation, string> {
  const places = OPERATIONS.map((name) => ({ name, at: point ? height(point.ms[name]) : 0 }))
  let least = 0
  const moved = places
    .toSorted((one, other) => one.at - other.at)
    .map(({ name, at }) => {
      least = Math.max(at, least + NAME_GAP)
      return [name, least.toFixed(1)] as const
    })
  return new Map(moved)
}
