// What a tsconfig.json says about decorators and fields of classes, as options of @swc/core, in
// cells and in the files that they import.
import type * as Swc from '@swc/core'

export interface ClassCompilerOptions {
  experimentalDecorators?: boolean
  emitDecoratorMetadata?: boolean
  useDefineForClassFields?: boolean
  target?: string
}

/** Targets for which TypeScript assigns the fields of classes. */
const OLD: readonly string[] = 'es3 es5 es6 es2015 es2016 es2017 es2018 es2019 es2020 es2021'.split(
  ' ',
)

/** Whether a field is an assignment in the constructor, and not a property of its own. */
export function assignsFields({ useDefineForClassFields, target }: ClassCompilerOptions): boolean {
  return useDefineForClassFields === undefined
    ? OLD.includes((target ?? 'esnext').toLowerCase())
    : !useDefineForClassFields
}

/** Standard decorators, unless the old ones are asked for. */
export function decoratorsOf(
  options: ClassCompilerOptions,
): Swc.TransformConfig & { useDefineForClassFields: boolean } {
  const useDefineForClassFields = !assignsFields(options)
  return options.experimentalDecorators === true
    ? {
        legacyDecorator: true,
        decoratorMetadata: options.emitDecoratorMetadata === true,
        useDefineForClassFields,
      }
    : { decoratorVersion: '2022-03', useDefineForClassFields }
}
