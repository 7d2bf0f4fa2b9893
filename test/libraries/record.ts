// Runs the cells of `fixtures/cells/` with the real libraries and writes `fixtures/recordings/`:
// `node test/libraries/record.ts PYTHON [NAME...]`, in which PYTHON has the packages of
// requirements.txt and each NAME is a part of the names of the cells to run.
import { recordAll } from './helpers/record-all.ts'
import { cells, RECORDINGS } from './helpers/recordings.ts'

const [python, ...names] = process.argv.slice(2)
if (python === undefined) throw new Error('Usage: node test/libraries/record.ts PYTHON [NAME...]')
const wanted = cells().filter(
  ({ stem }) => names.length === 0 || names.some((name) => stem.includes(name)),
)
await recordAll(wanted, python, RECORDINGS)
