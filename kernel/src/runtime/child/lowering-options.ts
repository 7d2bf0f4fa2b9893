// What a `tsconfig.json` asks of lowering, in the words of the two compilers. @swc/core lowers what
// oxc does not: decorators, fields that are assigned, and modules to CommonJS.
import { createRequire } from 'node:module'
import { types } from 'node:util'
import type * as Swc from '@swc/core'
import { Number, String } from '../../api/primordials.ts'
import { decoratorsOf } from '../../cell/decorator-options.ts'
import { jsxOptionsOf } from '../../cell/jsx-options.ts'
import type { CompilerOptions } from './project.ts'

const loadSwc: (name: '@swc/core') => typeof Swc = createRequire(import.meta.url)

interface Asked {
  options: CompilerOptions
  asCommonJs: boolean
}

/** The code with its map, or why there is none. */
export function lowerWithSwc(
  filename: string,
  source: string,
  { options, asCommonJs }: Asked,
): { code: string; map: string } | { message: string; offset: number } {
  try {
    const { code, map = '' } = loadSwc('@swc/core').transformSync(source, {
      filename,
      configFile: false,
      swcrc: false,
      sourceMaps: true,
      isModule: true,
      module: asCommonJs ? { type: 'commonjs', ignoreDynamic: true } : { type: 'nodenext' },
      jsc: {
        target: 'es2024',
        externalHelpers: false,
        parser: { syntax: 'typescript', decorators: true, tsx: /\.[jt]sx$/.test(filename) },
        transform: { ...decoratorsOf(options), react: jsxOptionsOf(options) },
      },
    })
    return { code, map }
  } catch (error) {
    const message = types.isNativeError(error) ? error.message : String(error)
    return { message: firstLine(message), offset: placeIn(message, source) }
  }
}

/** Its messages have a mark in front and a drawing below. */
function firstLine(message: string): string {
  const line = message.split('\n').find((one) => one.trim() !== '') ?? message
  return line.trim().replace(/^[x×]\s+/, '')
}

function placeIn(message: string, source: string): number {
  const [, line = '1', column = '1'] = /:(\d+):(\d+)\]/.exec(message) ?? []
  const before = source.split('\n').slice(0, Number(line) - 1)
  return before.reduce((sum, one) => sum + one.length + 1, Number(column) - 1)
}
