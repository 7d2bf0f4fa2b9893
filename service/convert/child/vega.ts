// A Vega or Vega-Lite specification -> PNG, drawn without a page. Expressions are interpreted,
// never compiled to code; data or pictures from an address are refused, and the address is named.
import { loader, None, parse, version as vegaVersion, View } from 'vega'
import type { Spec } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { compile, version as vegaLiteVersion } from 'vega-lite'
import type { TopLevelSpec } from 'vega-lite'

import { vegaSchemaOf } from '../../../post/text/vega-schema.ts'
import type { VegaSchema } from '../../../post/text/vega-schema.ts'
import type { Outcome, PictureLimits } from '../jobs.ts'
import { drawSvg } from './svg.ts'

/** Versions that the libraries read: theirs and older ones, back to the first of today's form. */
const READ = {
  vega: { name: 'Vega', from: 3, to: Number.parseInt(vegaVersion, 10) },
  'vega-lite': { name: 'Vega-Lite', from: 2, to: Number.parseInt(vegaLiteVersion, 10) },
}

/** @param json - The specification; its `$schema` says which of the two it is. */
export async function drawVega(json: string, limits: PictureLimits): Promise<Outcome> {
  const spec: unknown = JSON.parse(json)
  const schema = schemaOf(spec)
  const other = schema && otherVersion(schema)
  if (other !== undefined) return { kind: 'unreadable', why: other }
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

/** Why it is not drawn, if the libraries do not read its version. */
function otherVersion({ language, major }: VegaSchema): string | undefined {
  const { name, from, to } = READ[language]
  if (major > to) return `it is a ${name} ${major} chart, which this relay cannot draw yet`
  if (major < from) return `it is a ${name} ${major} chart, which this relay does not draw`
  return undefined
}

function vegaSpec(spec: unknown): Spec {
  if (isVegaLite(spec)) return compile(spec).spec
  if (isVega(spec)) return spec
  throw new TypeError("its $schema is neither Vega's nor Vega-Lite's")
}

function isVegaLite(spec: unknown): spec is TopLevelSpec {
  return schemaOf(spec)?.language === 'vega-lite'
}

function isVega(spec: unknown): spec is Spec {
  return schemaOf(spec)?.language === 'vega'
}

function schemaOf(spec: unknown): VegaSchema | undefined {
  const isObject = typeof spec === 'object' && spec !== null && '$schema' in spec
  return isObject ? vegaSchemaOf(spec.$schema) : undefined
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

/** A specification may name 100,000. */
const MOST_HOSTS = 5

function hosts(addresses: readonly string[]): string {
  const names = addresses.map((address) => URL.parse(address)?.host || address.slice(0, 80))
  const different = [...new Set(names)]
  const more = different.length - MOST_HOSTS
  return different.slice(0, MOST_HOSTS).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
