// Measures the relay beside a bare server: `npm run build && node bench/relay/main.ts [FOLDER]`
// writes the figures into performance.md and the plot into pictures/ of docs, or of FOLDER.
// `JUPYTERPOST_BENCH=small` only tries whether everything is measured.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { format } from 'prettier'

import { accepting } from './accept.ts'
import { delivering, restarting } from './deliver.ts'
import { flat } from './flat.ts'
import { plot } from './plot.ts'
import { withFigures } from './report.ts'
import { uploading } from './uploads.ts'

const docs = process.argv[2] ?? join(import.meta.dirname, '../../docs')
const document = join(docs, 'performance.md')
const load = () => loadavg()[0]?.toFixed(1) ?? ''

const before = load()
const results = {
  accepting: await accepting(),
  delivering: await delivering(),
  restarting: await restarting(),
  uploading: await uploading(),
  flat: await flat(),
}
const machine = `Node ${process.versions.node}, ${process.platform}, ${cpus().length} cores; load average ${before} before the run and ${load()} at its end.`
const text = withFigures(readFileSync(document, 'utf8'), results, machine)
writeFileSync(document, await format(text, { parser: 'markdown', printWidth: 120 }))
writeFileSync(join(docs, 'pictures/relay-flat.svg'), plot(results.flat))
console.log(JSON.stringify(results, undefined, 2))
