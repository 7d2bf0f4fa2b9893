// HTML that only scripts fill: what to call it where nothing of it can be shown, or where it is
// attached as a page.

export interface Interactive {
  /** `Interactive map` */
  what: string
  /** For the name of a file. */
  stem: string
}

/** What is found in the HTML of a library -> what that library draws. */
const LIBRARIES: ReadonlyArray<readonly [sign: string, what: string, stem: string]> = [
  ['plotly-graph-div', 'Interactive plot (Plotly)', 'plot'],
  ['data-root-id', 'Interactive plot (Bokeh)', 'plot'],
  ['vega-embed', 'Interactive plot (Vega)', 'plot'],
  ['vegaEmbed', 'Interactive plot (Vega)', 'plot'],
  ['id="itables_', 'Interactive table', 'table'],
  ['L.map(', 'Interactive map', 'map'],
  ['deck.gl', 'Interactive map', 'map'],
  ['vis.Network', 'Interactive network', 'network'],
]
/** Libraries that only load their scripts: a notebook shows nothing, or their own logo. */
const LOADERS = [
  'window.PlotlyConfig',
  'esms-options',
  'window._itables_',
  'bk-notebook-logo',
  'logo-block',
]

/** Undefined if it has no scripts, or those of no library known here. */
export function libraryOf(html: string): Interactive | undefined {
  const found = LIBRARIES.find(([sign]) => html.includes(sign))
  return found && { what: found[1], stem: found[2] }
}

/** Whether it has scripts of any kind. */
export function hasScripts(html: string): boolean {
  return /<script[\s>]/i.test(html)
}

/**
 * Whether it only makes other outputs work: a script that comes later, or in another form of the
 * same cell, as Bokeh's, draws into it.
 */
export function isForOthers(html: string): boolean {
  if (html.includes('data-root-id') && !hasScripts(html)) return true
  return libraryOf(html) === undefined && LOADERS.some((sign) => html.includes(sign))
}
