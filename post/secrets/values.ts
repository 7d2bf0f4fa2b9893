// Which variables hold secrets: those whose name says so. Their values are masked wherever they
// appear, whatever they look like.
import document from '../contract/secret-shapes.json' with { type: 'json' }

export interface SecretValue {
  /** Name of the variable; the mask shows it. */
  name: string
  value: string
}

/** Shorter values are words that appear in any text: `PASSWORD=test`. */
const SHORTEST = document.shortestValue

const NAMES: ReadonlySet<string> = new Set(document.names)

/**
 * Whether TOKEN, SECRET, PASSWORD or KEY is a whole word of the name: `API_KEY`, `apiKey`,
 * `HFToken`, but not `monkey`, `KEYBOARD`, `tokenizer`.
 */
export function isSecretName(name: string): boolean {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []
  return words.some((word) => NAMES.has(word.toLowerCase()))
}

/** The variables to mask, longest value first, because one value may contain another. */
export function secretValues(variables: readonly SecretValue[]): SecretValue[] {
  const byValue = new Map<string, SecretValue>()
  for (const { name, value: untrimmed } of variables) {
    const value = untrimmed.trim()
    if (value.length < SHORTEST || byValue.has(value) || !isSecretName(name)) continue
    byValue.set(value, { name, value })
  }
  return [...byValue.values()].toSorted((one, other) => other.value.length - one.value.length)
}

/**
 * Variables of the form `NAME = 'value'` in source code. Finds them even if the cell failed before
 * that line.
 */
export function assignedVariables(source: string): SecretValue[] {
  const assignments =
    /(?<![\w$])([A-Za-z_$][\w$]{0,100})(?:\s{0,3}:\s{0,3}\w{1,40})?\s{0,3}=\s{0,3}(['"`])([^'"`\\\n]{8,4000})\2/g
  return [...source.matchAll(assignments)].map(([, name = '', , value = '']) => ({ name, value }))
}

export function environmentVariables(env: NodeJS.ProcessEnv): SecretValue[] {
  return Object.entries(env).map(([name, value = '']) => ({ name, value }))
}
