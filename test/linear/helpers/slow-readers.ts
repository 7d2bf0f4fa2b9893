// `slow-readers SET NAME`: prints as JSON the texts for which one reader takes too long. A plain
// Node program: in the test runner's context each access to a global is so slow that it would take
// most of the time.
import { hostileText, SECRET_UNITS, UNITS } from './hostile-units.ts'
import { READERS } from './readers.ts'
import { tooSlow } from './within.ts'

const [set, name] = process.argv.slice(2)
const reader = READERS.find(([what]) => what === name)
if (!reader) throw new Error(`There is no reader ${name}`)
const [, work] = reader
process.stdout.write(
  JSON.stringify(tooSlow(set === 'secrets' ? SECRET_UNITS : UNITS, hostileText, work)),
)
