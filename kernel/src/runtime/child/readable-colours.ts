// The colours of values that `console.log` prints. JupyterLab and nbconvert define the first 16
// colours themselves: their yellow and cyan on white have a contrast of 1.9, their grey on black
// one of 1.3. Of the ones that Node can break lines with, these have at least 3 (WCAG 2.2, 1.4.11).
import { inspect } from 'node:util'
import { Object } from '../../api/primordials.ts'

/** Node's own way to choose: https://nodejs.org/api/util.html#customizing-utilinspect-colors */
export function useReadableColours(): void {
  Object.assign(inspect.styles, {
    number: 'yellowBright',
    bigint: 'yellowBright',
    boolean: 'yellowBright',
    special: 'cyanBright',
    undefined: 'dim',
  })
}
