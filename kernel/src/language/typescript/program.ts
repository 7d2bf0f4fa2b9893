// Where TypeScript's program and Node's types are: in packages that this one depends on.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** @throws if this platform's package is not installed: npm leaves out what it cannot install. */
export function typescriptProgram(): string {
  const near = createRequire(require.resolve('typescript/package.json'))
  const name = `@typescript/typescript-${process.platform}-${process.arch}`
  const program = process.platform === 'win32' ? 'tsc.exe' : 'tsc'
  return join(dirname(near.resolve(`${name}/package.json`)), 'lib', program)
}

/** The folder that has `@types/node`, so that Node's types are there in an empty folder too. */
export function typesFolder(): string {
  return dirname(dirname(require.resolve('@types/node/package.json')))
}
