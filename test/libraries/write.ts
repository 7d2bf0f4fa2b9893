// Writes the table of libraries in docs/posting.md and its picture, from the recordings:
// `node test/libraries/write.ts`.
import { inVenv } from '../../start/venv.ts'
import { pythonVenv } from '../setup/python.ts'
import { writeSheet } from './helpers/sheet.ts'
import { documentTable, rowsOf, tableOf } from './helpers/table.ts'

const python = inVenv(await pythonVenv('jupyter'), 'python')
documentTable(tableOf(await rowsOf(python)))
await writeSheet(python)
