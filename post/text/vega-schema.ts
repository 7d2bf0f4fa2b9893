// Which language and version of Vega a specification is in: its `$schema` says so, as
// `https://vega.github.io/schema/vega-lite/v6.4.1.json`.

export interface VegaSchema {
  language: 'vega' | 'vega-lite'
  major: number
}

const ADDRESS = /^https?:\/\/vega\.github\.io\/schema\/(vega|vega-lite)\/v(\d{1,4})(?:[.#]|$)/

/** Undefined if it is not an address of Vega's. */
export function vegaSchemaOf(address: unknown): VegaSchema | undefined {
  const found = typeof address === 'string' ? ADDRESS.exec(address) : null
  if (found === null) return undefined
  return { language: found[1] === 'vega' ? 'vega' : 'vega-lite', major: Number(found[2]) }
}
