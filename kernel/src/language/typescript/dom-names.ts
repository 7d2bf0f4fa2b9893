// Names that TypeScript knows of web pages. A notebook has none of them; what says so is their use,
// not the checker, which would call types of packages wrong that are right in a file.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { typescriptProgram } from './program.ts'

let names: ReadonlySet<string> | undefined

export function isDomName(name: string): boolean {
  names ??= readNames()
  return names.has(name)
}

function readNames(): ReadonlySet<string> {
  const text = readFileSync(join(dirname(typescriptProgram()), 'lib.dom.d.ts'), 'utf8')
  const declared = /^(?:declare )?(?:var|function|interface|type|namespace) (\w+)/gm
  return new Set(text.matchAll(declared).map(([, name = '']) => name))
}
