// Flags as rows of a help text.
import type { Flag } from '../contract/flags.ts'

/** `  -i, --input  post the cell's source first`, one row a flag. */
export function flagRows(flags: readonly Flag[]): string {
  const rows = flags.map(({ name, short, value, description }) => {
    const names = short === undefined ? name : `${short}, ${name}`
    return [value === undefined ? names : `${names} ${value}`, description] as const
  })
  const width = Math.max(0, ...rows.map(([names]) => names.length))
  return rows.map(([names, description]) => `  ${names.padEnd(width)}  ${description}`).join('\n')
}

/** The usage line and the flags, for help and for the end of each error message. */
export function usageText({ usage, flags }: { usage: string; flags: readonly Flag[] }): string {
  return [`Usage: ${usage}`, ...(flags.length === 0 ? [] : [flagRows(flags)])].join('\n')
}
