// A Vega or Vega-Lite specification -> PNG, drawn without a page. Expressions are interpreted,
// never compiled to code; data or pictures from an address are refused, and the address is named.
import { loader, None, parse, View } from 'vega'
import type { Spec } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { compile } from 'vega-lite'
import type { TopLevelSpec } from 'vega-lite'

import type { Outcome, PictureLimits } from '../jobs.ts'
import { drawSvg } from './svg.ts'

/** @param json - The specification; its `$schema` says which of the two it is. */
export async function drawVega(json: string, limits: PictureLimits): Promise<Outcome> {
  const spec: unknown = JSON.parse(json)
  const refused: string[] = []
  const view = new View(parse(vegaSpec(spec), undefined, { ast: true }), {
    renderer: 'none',
    expr: expressionInterpreter,
    loader: offlineLoader(refused),
    logLevel: None,
  })
  try {
    const svg = await view.toSVG()
    if (refused.length > 0) return { kind: 'refused', why: `its data is at ${hosts(refused)}` }
    return await drawSvg(svg, limits)
  } finally {
    view.finalize()
  }
}

function vegaSpec(spec: unknown): Spec {
  if (isVegaLite(spec)) return compile(spec).spec
  if (isVega(spec)) return spec
  throw new TypeError("its $schema is neither Vega's nor Vega-Lite's")
}

function isVegaLite(spec: unknown): spec is TopLevelSpec {
  return schemaOf(spec).includes('/vega-lite/')
}

function isVega(spec: unknown): spec is Spec {
  return schemaOf(spec).includes('/vega/')
}

function schemaOf(spec: unknown): string {
  return typeof spec === 'object' && spec !== null && '$schema' in spec ? String(spec.$schema) : ''
}

/** Loads only `data:`; adds other requested addresses to `refused`. */
function offlineLoader(refused: string[]) {
  const refuse = (uri: string): never => {
    refused.push(uri)
    throw new Error(`${uri} is not loaded`)
  }
  return {
    ...loader(),
    load: async (uri: string) => (uri.startsWith('data:') ? dataOf(uri) : refuse(uri)),
    sanitize: async (uri: string) => (uri.startsWith('data:') ? { href: uri } : refuse(uri)),
    http: async (uri: string) => refuse(uri),
    file: async (uri: string) => refuse(uri),
  }
}

/** Content of a `data:` address (RFC 2397). */
function dataOf(uri: string): string {
  const comma = uri.indexOf(',')
  const content = uri.slice(comma + 1)
  return /;base64$/i.test(uri.slice(0, comma))
    ? Buffer.from(content, 'base64').toString('utf8')
    : decodeURIComponent(content)
}

function hosts(addresses: readonly string[]): string {
  const names = addresses.map((address) => URL.parse(address)?.host || address.slice(0, 80))
  return [...new Set(names)].join(', ')
}
