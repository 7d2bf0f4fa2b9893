// What TypeScript writes for programs, as a person reads it: without paths of this machine.

const FILE = '](file:'
const MODULE = 'import("'
const MEMBER = '").'

/** `[add](file:///folder/cell.ts#1,2-3,4)` becomes `add`; links to web pages stay. */
export function withoutFileLinks(markdown: string): string {
  let text = ''
  let from = 0
  for (let at = markdown.indexOf(FILE); at >= 0; at = markdown.indexOf(FILE, from)) {
    // A folder's name may have brackets.
    const end = markdown.indexOf(')', Math.max(markdown.indexOf('#', at), at))
    if (end < 0) break
    const before = markdown.slice(from, at)
    const open = before.lastIndexOf('[')
    text += open < 0 ? before : before.slice(0, open) + before.slice(open + 1)
    from = end + 1
  }
  return text + markdown.slice(from)
}

/** `import("/folder/module").Name` becomes `Name`. */
export function withoutModules(type: string): string {
  let text = ''
  let from = 0
  for (let at = type.indexOf(MODULE); at >= 0; at = type.indexOf(MODULE, at + 1)) {
    const end = type.indexOf('"', at + MODULE.length)
    if (end < 0) break
    if (at < from || !type.startsWith(MEMBER, end)) continue
    text += type.slice(from, at)
    from = end + MEMBER.length
  }
  return text + type.slice(from)
}
