// Which variables hold secrets: those whose name says so. Their values are masked wherever they show up, whatever they look like.

export interface SecretValue {
  /** Of the variable; the mask names it. */
  name: string
  value: string
}

/** Shorter ones are words that stand in any text: `PASSWORD=test`. */
const SHORTEST = 8

/** TOKEN, SECRET, PASSWORD or KEY as a whole word: `API_KEY`, `apiKey`, `HFToken`; not `monkey`, `KEYBOARD`, `tokenizer`. */
export function isSecretName(name: string): boolean {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []
  return words.some((word) => /^(?:token|secret|password|key)$/i.test(word))
}

/** Those that are masked, longest first: one may contain another. */
export function secretValues(variables: readonly SecretValue[]): SecretValue[] {
  return variables
    .map(({ name, value }) => ({ name, value: value.trim() }))
    .filter(({ name, value }) => value.length >= SHORTEST && isSecretName(name))
    .toSorted((one, other) => other.value.length - one.value.length)
}

export function environmentVariables(env: NodeJS.ProcessEnv): SecretValue[] {
  return Object.entries(env).map(([name, value = '']) => ({ name, value }))
}
