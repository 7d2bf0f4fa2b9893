import { Error } from './primordials.ts'

export type Values = Readonly<Record<string, string | number>>

/**
 * `No token for {url}` with each name replaced by its value. Braces in a value stay as they are.
 */
export function filled(sentence: string, values: Values): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`no value for {${name}} of a sentence`)
    return `${value}`
  })
}
