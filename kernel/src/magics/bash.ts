// `%%bash`: the body of the cell is a script for bash.
import type { Magic } from './magic.ts'
import { scriptCell } from './sh.ts'

export function bashMagic(): Magic {
  return {
    name: 'bash',
    summary: 'Runs the cell as a script of bash, in the folder and environment of the notebook.',
    cell: scriptCell('bash', 'bash'),
  }
}
