// Which variables hold secrets: those whose name says so. Their values are masked wherever they show up, whatever they look like.
import document from '../contract/secret-shapes.json' with { type: 'json' }

export interface SecretValue {
  /** Of the variable; the mask names it. */
  name: string
  value: string
}

/** Shorter ones are words that stand in any text: `PASSWORD=test`. */
const SHORTEST = document.shortestValue

const NAMES: ReadonlySet<string> = new Set(document.names)

/** TOKEN, SECRET, PASSWORD or KEY as a whole word: `API_KEY`, `apiKey`, `HFToken`; not `monkey`, `KEYBOARD`, `tokenizer`. */
export function isSecretName(name: string): boolean {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []
  return words.some((word) => NAMES.has(word.toLowerCase()))
}

/** Those that are masked, longest first: one may contain another. */
export function secretValues(variables: readonly SecretValue[]): SecretValue[] {
  const byValue = new Map<string, SecretValue>()
  for (const { name, value: untrimmed } of variables) {
    const value = untrimmed.trim()
    if (value.length < SHORTEST || byValue.has(value) || !isSecretName(name)) continue
    byValue.set(value, { name, value })
  }
  return [...byValue.values()].toSorted((one, other) => other.value.length - one.value.length)
}

/** `NAME = 'value'` of source code, also of a cell that failed before it came to that line. */
export function assignedVariables(source: string): SecretValue[] {
  const assignments =
    /(?<![\w$])([A-Za-z_$][\w$]{0,100})(?:\s{0,3}:\s{0,3}\w{1,40})?\s{0,3}=\s{0,3}(['"`])([^'"`\\\n]{8,4000})\2/g
  return [...source.matchAll(assignments)].map(([, name = '', , value = '']) => ({ name, value }))
}

export function environmentVariables(env: NodeJS.ProcessEnv): SecretValue[] {
  return Object.entries(env).map(([name, value = '']) => ({ name, value }))
}
