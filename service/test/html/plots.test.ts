// Plots whose specification is in a script of HTML, as Altair writes them: each becomes a file that
// is drawn. The script is never run.
import { expect, test } from '@jest/globals'

import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import { computing } from '../../../test/helpers/computing.ts'
import { readContent } from '../../offload/content.ts'
import { readHtml } from '../../html/content.ts'
import { textOf } from '../helpers/bytes.ts'

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.4.1.json'
const SPEC = `{"config": {"view": {}}, "title": "a \\"{\\u00e9} </b>", "$schema": "${SCHEMA}", "datasets": {"d": [{"a": -1.5e3, "b": null}]}}`
const plot = (spec = SPEC, language = 'vega-lite') => ({ type: 'plot', language, spec })

/** What stands before the specification in the default renderer of Altair 4 to 6. */
const ALTAIR = `
<style>
  #altair-viz-5b.vega-embed details summary { position: relative; }
</style>
<div id="altair-viz-5b"></div>
<script type="text/javascript">
  var VEGA_DEBUG = (typeof VEGA_DEBUG == "undefined") ? {} : VEGA_DEBUG;
  (function(spec, embedOpt){
    let outputDiv = document.currentScript.previousElementSibling;
    const paths = {
      "vega": "https://cdn.jsdelivr.net/npm/vega@6?noext",
      "vega-lite": "https://cdn.jsdelivr.net/npm/vega-lite@6.4.1?noext",
    };
    function showError(err) {
      outputDiv.innerHTML = \`<div class="error" style="color:red;">\${err}</div>\`;
    }
  })(`
/** The template "standard", which \`chart.to_html()\` uses. */
const STANDARD = `<!DOCTYPE html><html><head><script src="https://cdn.jsdelivr.net/npm/vega@6"></script></head><body>
  <div id="vis"></div><script>
    (function(vegaEmbed) {
      var spec = ${SPEC};
      var embedOpt = {"mode": "vega-lite"};
      function showError(el, error){ el.innerHTML = ('<div style="color:red;">' + '</div>'); }
      const el = document.getElementById('vis');
      vegaEmbed("#vis", spec, embedOpt).catch(error => showError(el, error));
    })(vegaEmbed);
  </script></body></html>`

test.each<[string, string, object[]]>([
  ['the default renderer', `${ALTAIR}${SPEC}, {"mode": "vega-lite"});\n</script>`, [plot()]],
  ['chart.to_html()', STANDARD, [plot()]],
  [
    'a call of vegaEmbed with text around it',
    `<p>before</p><script>vegaEmbed('#vis', ${SPEC})</script>after`,
    [{ type: 'markdown', text: 'before' }, plot(), { type: 'markdown', text: 'after' }],
  ],
  [
    'Vega, and two plots in a script',
    `<script>a(${SPEC});b({"$schema":"https://vega.github.io/schema/vega/v6.json"})</script>`,
    [plot(), plot('{"$schema":"https://vega.github.io/schema/vega/v6.json"}', 'vega')],
  ],
  ['a script that is not closed', `<script>vegaEmbed('#vis', ${SPEC})`, [plot()]],
  ['an object without an end', `<script>vegaEmbed('#vis', ${SPEC.slice(0, -1)})</script>`, []],
  ['an object that is no JSON', `<script>a({"$schema" "${SCHEMA}"})</script>`, []],
  ['a schema of something else', '<script>a({"$schema":"https://json-schema.org/x"})</script>', []],
  ['a script that is not shown', `<template><script>a(${SPEC})</script></template>`, []],
  [
    'a script of a drawing',
    `<svg width="9"><script>a(${SPEC})</script></svg>`,
    [expect.anything()],
  ],
])('%s', (_, html, parts) => {
  expect(readHtml(html)).toEqual(parts)
})

test('a plot becomes a file, with its secrets masked', async () => {
  const token = `ghp_${'a1B2'.repeat(9)}`
  const spec = SPEC.replace('</b>', token)
  const html = `<script>vegaEmbed('#vis', ${spec})</script>`
  const { blocks, files } = await readContent({
    blocks: [{ type: 'html', html, text: 'alt.Chart(...)' }],
    files: [],
    limits: DEFAULT_LIMITS,
    masked: true,
  })
  expect(blocks).toEqual([{ type: 'image', file: 0 }])
  expect(files.map(({ name }) => name)).toEqual(['plot-1.vl.json'])
  const text = textOf(files[0])
  expect(text).toBe(spec.replace(token, '[masked: GitHub token]'))
})

test('a plot that is larger than a file may be is named', async () => {
  const rows = '{"a":1},'.repeat(1000)
  const html = `<script>a({"$schema":"${SCHEMA}","datasets":{"d":[${rows}1]}})</script>`
  const { blocks } = await readContent({
    blocks: [{ type: 'html', html, text: '' }],
    files: [],
    limits: { ...DEFAULT_LIMITS, fileBytes: 5000 },
    masked: true,
  })
  expect(blocks).toEqual([
    {
      type: 'notice',
      text: 'A picture of the HTML left out: the relay takes files of up to 5000 bytes; see the notebook',
    },
  ])
})

test.each(['{', '{"', '{"a":', '{[', '{"\\', '"', '{"$schema":1}', '{"a":{"$schema":"', '{true '])(
  'a megabyte of %j in a script is searched at once',
  async (unit) => {
    const script = unit.repeat(1_000_000 / unit.length)
    const read = () => readHtml(`<script>${script}</script>`)
    expect(await computing(read)).toBeLessThan(1000)
  },
)
