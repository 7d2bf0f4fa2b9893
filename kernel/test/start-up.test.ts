// What a kernel loads before its sockets are bound: each package is time for which a person waits
// until the notebook opens.
import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'

const kernel = new URL('../src/kernel.ts', import.meta.url).href
const child = new URL('../src/api/globals.ts', import.meta.url).href

/** Packages that importing a module loads, except Node's own. */
function packagesOf(url: string): unknown {
  const script = `
    import { registerHooks } from 'node:module'
    const found = new Set()
    registerHooks({
      resolve(specifier, context, next) {
        const isOurs = !context.parentURL?.includes('/node_modules/')
        if (isOurs && /^@?[a-z][\\w/-]*$/.test(specifier)) found.add(specifier)
        return next(specifier, context)
      },
    })
    await import(${JSON.stringify(url)})
    process.stdout.write(JSON.stringify([...found].sort()))
    process.exit()`
  const output = execFileSync('node', ['--input-type=module', '-e', script], { encoding: 'utf8' })
  return JSON.parse(output)
}

test('a kernel loads neither the compiler nor what posts before its sockets are bound', () => {
  expect(packagesOf(kernel)).toEqual(['yargs-parser', 'zeromq'])
})

test('the names that cells have load no package', () => {
  expect(packagesOf(child)).toEqual([])
})
