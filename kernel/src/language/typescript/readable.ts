// What TypeScript writes for programs, as a person reads it: without paths of this machine, and
// without what the text of a comment could do to a page.

const FENCE = '```'
const TARGET = ']('
const MODULE = 'import("'
const MEMBER = '").'

/**
 * Markdown of JSDoc, which anybody may have written: links lead to web pages or are only their
 * text, HTML is text, and a block of code that is left open ends here.
 */
export function harmless(markdown: string): string {
  let inCode = false
  const lines = markdown.split('\n').map((line) => {
    if (line.trimStart().startsWith(FENCE)) {
      inCode = !inCode
      return line.trimStart()
    }
    return inCode ? line : outsideCode(line)
  })
  return inCode ? [...lines, FENCE].join('\n') : lines.join('\n')
}

/** What is between backticks stays as it is. */
function outsideCode(line: string): string {
  return line
    .split('`')
    .map((part, index) => (index % 2 === 0 ? withoutTags(withWebLinks(part)) : part))
    .join('`')
}

function withoutTags(text: string): string {
  return text.replace(/<(?=[a-z/!?])/gi, '\\<')
}

/** `[add](file:///folder/cell.ts#1,2-3,4)` becomes `add`; links to web pages stay. */
function withWebLinks(text: string): string {
  let result = ''
  let from = 0
  for (let at = text.indexOf(TARGET); at >= 0; at = text.indexOf(TARGET, at + 1)) {
    const target = at + TARGET.length
    if (at < from || /^https?:\/\//i.test(text.slice(target, target + 8))) continue
    // A folder's name may have brackets.
    const isFile = text.startsWith('file:', target)
    const end = text.indexOf(')', isFile ? Math.max(text.indexOf('#', at), at) : at)
    if (end < 0) break
    const before = text.slice(from, at)
    const open = before.lastIndexOf('[')
    result += open < 0 ? before : before.slice(0, open) + before.slice(open + 1)
    from = end + 1
  }
  return result + text.slice(from)
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

const OPTIONAL = ' | undefined'
const DELIMITERS = [',', ';', '(', ')', '{', '}', '<', '>']

/** `name?: string | undefined` becomes `name?: string`. */
export function withoutUndefined(type: string): string {
  const parts = type.split(OPTIONAL)
  return parts
    .map((part, index) => {
      const next = parts[index + 1]
      if (next === undefined) return part
      const start = Math.max(...DELIMITERS.map((mark) => part.lastIndexOf(mark)))
      const isOptional = part.slice(start + 1).includes('?: ')
      return isOptional && /^[,;)}]/.test(next) ? part : part + OPTIONAL
    })
    .join('')
}
