// Colours of what is shown about an error.

// Text to read keeps the front end's own colour; red marks what to look for. It is one of the 256
// colours, since each front end defines the first 16 itself, and neither of JupyterLab's reds has
// a contrast of 3 (WCAG 2.2, 1.4.11) with its error background, light and dark.
export const red = (text: string) => `\u001b[38;5;196m${text}\u001b[39m`
export const bold = (text: string) => `\u001b[1m${text}\u001b[22m`
export const dim = (text: string) => `\u001b[2m${text}\u001b[22m`

export interface Paint {
  red(this: void, text: string): string
  bold(this: void, text: string): string
  dim(this: void, text: string): string
}

export const COLOURS: Paint = { red, bold, dim }
const same = (text: string) => text
/** Where `NO_COLOR` counts. */
export const NO_COLOURS: Paint = { red: same, bold: same, dim: same }

/** A code frame: mark and caret in red, the numbers of other lines dimmed. */
export function painted(frame: string, paint: Paint = COLOURS): string {
  return frame.replaceAll(
    /^(> |  )( *\d* \|)(.*)$/gm,
    (_line, mark: string, gutter: string, code: string) => {
      if (mark === '> ') return `    ${paint.red(mark)}${gutter}${code}`
      return `    ${mark}${paint.dim(gutter)}${/\d/.test(gutter) ? code : paint.red(code)}`
    },
  )
}
