// What `%dom` does and says.
import { isDomGlobal, makeDomGlobal, removeGlobalDom } from './dom.ts'

const NAMES = ['document', 'window'] as const

/** Names of packages that are listed. */
const LISTED = 20

export function domText(state: 'on' | 'off' | undefined, packages: ReadonlySet<string>): string {
  if (state === 'off') {
    const was = isDomGlobal()
    removeGlobalDom()
    return was
      ? 'document and window are no longer global. Packages that were loaded meanwhile keep them.\n'
      : 'document and window were not global.\n'
  }
  if (state === undefined) {
    return isDomGlobal()
      ? 'document and window are global. %dom off removes them.\n'
      : 'document and window are not global; cells have a document of their own. %dom on makes them global.\n'
  }
  const names = makeDomGlobal()
  const made = NAMES.filter((name) => names.includes(name))
  const taken = NAMES.filter((name) => !names.includes(name))
  const said = made.length > 0 ? `${listed(made, 'is', 'are')} global now.` : ''
  const kept =
    taken.length > 0
      ? `${listed(taken, 'was', 'were')} declared by a cell and ${taken.length > 1 ? 'stay' : 'stays'}.`
      : ''
  return `${[said, kept].filter((one) => one !== '').join(' ')}\n${loadedText(packages)}`
}

function listed(names: readonly string[], one: string, many: string): string {
  return `${names.join(' and ')} ${names.length > 1 ? many : one}`
}

/** Most packages look once, while they are loaded. */
function loadedText(packages: ReadonlySet<string>): string {
  const names = [...packages]
  if (names.length === 0) return ''
  const left = names.length - LISTED
  const more = left > 0 ? ` and ${left} more` : ''
  const list = `${names.slice(0, LISTED).join(', ')}${more}`
  return `Loaded before, and took themselves for running in Node: ${list}. Restart the kernel for these to see it.\n`
}
