// What `%dom` does and says.
import { isDomGlobal, makeDomGlobal, removeGlobalDom } from './dom.ts'

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
  const taken = ['document', 'window'].filter((name) => !names.includes(name))
  const said = `${names.includes('document') ? 'document and window are' : 'window is'} global now.`
  const kept = taken.length > 0 ? ` ${taken.join(' and ')} was declared by a cell and stays.` : ''
  return `${said}${kept}\n${loadedText(packages)}`
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
