// `slow-shapes`: prints as JSON the shapes that take too long. A plain Node program, as
// `slow-readers`.
import { SHAPES } from './shapes.ts'
import { costOf, LIMIT } from './within.ts'

const slow = SHAPES.map(([what, work]) => ({ what, ms: costOf(work) }))
  .filter(({ ms }) => ms > LIMIT)
  .map(({ what, ms }) => `${what}: ${Math.round(ms)} ms`)
process.stdout.write(JSON.stringify(slow))
