// Imports as other runtimes and pages write them (`npm:d3`, `jsr:@std/fs`, `https://esm.sh/d3`)
// are refused with what to write here instead.
import { URL } from '../../api/primordials.ts'

/** Hosts whose paths are npm packages, some of them below a folder. */
const MIRRORS = /^(?:esm\.sh|esm\.run|unpkg\.com|cdn\.skypack\.dev|cdn\.jsdelivr\.net)$/
const NAMED = /^((?:@[\w.~-]+\/)?[\w.~-]+)(?:@([\w.~^*-]+))?(?:\/|$)/

/** Why such an import is refused; undefined for any other. */
export function foreignImport(specifier: string): string | undefined {
  if (specifier.startsWith('npm:')) return ofPackage(specifier, specifier.slice('npm:'.length))
  if (specifier.startsWith('jsr:')) {
    const [, name, version] = NAMED.exec(specifier.slice('jsr:'.length)) ?? []
    if (name === undefined) return undefined
    return `'${specifier}' is not an import of Node. Install the package with \`! npx jsr add ${versioned(name, version)}\` and import it from '${name}'`
  }
  if (!/^https?:\/\//.test(specifier)) return undefined
  const { hostname, pathname } = new URL(specifier)
  if (MIRRORS.test(hostname)) {
    const known = ofPackage(specifier, pathname.replace(/^\/(?:npm\/|v\d+\/)?/, ''))
    if (known !== undefined) return known
  }
  return (
    `Node imports no URL, so not '${specifier}'. Install the package with \`%npm add NAME\` and import it from 'NAME', ` +
    'or save the file in the folder of the notebook and import it by its path'
  )
}

function ofPackage(specifier: string, path: string): string | undefined {
  const [, name, version] = NAMED.exec(path) ?? []
  if (name === undefined) return undefined
  return `'${specifier}' is not an import of Node. Install the package with \`%npm add ${versioned(name, version)}\` and import it from '${name}'`
}

function versioned(name: string, version: string | undefined): string {
  return version === undefined ? name : `${name}@${version}`
}
