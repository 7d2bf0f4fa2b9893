// Plots that the relay draws: Vega and Vega-Lite specifications in a bundle, as files. The relay
// recognises them by their `$schema`.
import { isOnlyName } from '../../../post/text/object-name.ts'

/** Altair 6 writes `vegalite.v6.json`, others `vegalite.v5+json` or `vegalite.v5.20.1+json`. */
const VEGA = /^application\/vnd\.vega(lite)?\.v(\d{1,4})(?:\.\d{1,9}){0,9}(?:[.+]json){0,2}$/

export interface VegaSpec {
  mimetype: string
  extension: 'vl.json' | 'vg.json'
  bytes: Uint8Array
}

/** The specification in a bundle; undefined if there is none. */
export function vegaSpec(data: Record<string, unknown>): VegaSpec | undefined {
  for (const [mimetype, value] of Object.entries(data)) {
    const [, lite, version = ''] = VEGA.exec(mimetype) ?? []
    const spec = version === '' ? undefined : objectOf(value)
    if (spec === undefined) continue
    const language = lite === undefined ? 'vega' : 'vega-lite'
    const $schema = `https://vega.github.io/schema/${language}/v${version}.json`
    return {
      mimetype,
      extension: lite === undefined ? 'vg.json' : 'vl.json',
      bytes: Buffer.from(JSON.stringify({ $schema, ...spec })),
    }
  }
  return undefined
}

/** A specification is an object; where a type does not end in `+json`, it may come as text. */
function objectOf(value: unknown): object | undefined {
  let spec = value
  try {
    if (typeof value === 'string') spec = JSON.parse(value)
  } catch {
    return undefined // SyntaxError
  }
  return typeof spec === 'object' && spec !== null && !Array.isArray(spec) ? spec : undefined
}

/** The text of a plot. Altair's has a name, then how to enable its renderer, which nobody needs. */
export function plotText(plain: string | undefined): string | undefined {
  const [first = ''] = plain?.split('\n', 1) ?? []
  return isOnlyName(first) ? first : plain
}
