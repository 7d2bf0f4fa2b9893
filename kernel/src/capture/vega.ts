// Plots that the relay draws: Vega and Vega-Lite specifications in a bundle, as files. The relay
// recognises them by their `$schema`.
const VEGA = /^application\/vnd\.vega(lite)?\.v(\d)(?:\.\d+)*\+json$/

export interface VegaSpec {
  mimetype: string
  extension: 'vl.json' | 'vg.json'
  bytes: Uint8Array
}

/** The specification in a bundle; undefined if there is none. */
export function vegaSpec(data: Record<string, unknown>): VegaSpec | undefined {
  for (const [mimetype, spec] of Object.entries(data)) {
    const [, lite, version = ''] = VEGA.exec(mimetype) ?? []
    if (version === '' || typeof spec !== 'object' || spec === null) continue
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
