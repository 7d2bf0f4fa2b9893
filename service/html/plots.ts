// Specifications of plots in the scripts of HTML. Altair and other programs write the plot as JSON
// into a script, which has a browser load Vega and draw it. The script is not run: each JSON object
// in it is read, and one whose `$schema` is Vega's is a plot.
import { vegaSchemaOf } from '../../post/text/vega-schema.ts'
import type { HtmlPart } from './parts.ts'

type Plot = Extract<HtmlPart, { type: 'plot' }>

/** The plots that this script draws. */
export function plotsOf(script: string): Plot[] {
  return [...objectsOf(script)].flatMap((json): Plot[] => {
    const language = languageOf(json)
    return language ? [{ type: 'plot', language, spec: json }] : []
  })
}

function languageOf(json: string): Plot['language'] | undefined {
  // Parsing takes more memory than searching, and a script may have other large objects.
  if (!json.includes('$schema')) return undefined
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined // SyntaxError: its tokens are JSON's, their order is not
  }
  if (typeof value !== 'object' || value === null || !('$schema' in value)) return undefined
  return vegaSchemaOf(value.$schema)?.language
}

/**
 * Parts of a program that begin with `{`, consist of JSON's tokens and end with the matching
 * bracket. The search goes on where the last one ended or was no JSON any more, so the time is
 * proportional to the length.
 */
function* objectsOf(program: string): Generator<string> {
  for (let start = program.indexOf('{'); start !== -1;) {
    let depth = 0
    let at = start
    for (let end = tokenEnd(program, at); end !== -1; end = tokenEnd(program, at)) {
      const sign = program[at] ?? ''
      at = end
      if ('{['.includes(sign)) depth += 1
      else if ('}]'.includes(sign) && --depth === 0) break
    }
    if (depth === 0) yield program.slice(start, at)
    start = program.indexOf('{', at)
  }
}

/** White space counts as a token. */
const SIGNS = '{}[],: \t\r\n'
const WORD = /[-+.\w]/

/** The index after the token of JSON at `at`; -1 if none is there. */
function tokenEnd(text: string, at: number): number {
  const first = text[at]
  if (first === undefined) return -1
  if (SIGNS.includes(first)) return at + 1
  if (first === '"') return stringEnd(text, at + 1)
  return wordEnd(text, at)
}

/** A string without an end reaches to the end of the text. */
function stringEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === '"') return at + 1
    if (text[at] === '\\') at += 1
  }
  return text.length
}

/** The end of a number, `true`, `false` or `null`. */
function wordEnd(text: string, start: number): number {
  let at = start
  while (WORD.test(text[at] ?? ' ')) at += 1
  const word = text.slice(start, at)
  const isJson = /^-?\d/.test(word) || word === 'true' || word === 'false' || word === 'null'
  return isJson ? at : -1
}
