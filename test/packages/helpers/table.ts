// The popular packages: what their example notebooks must show, and what only their types know, in
// a cell that never ran.

export interface PackageRow {
  /** Of its example in `examples/packages/`. */
  name: string
  /** The packages as its first cell has them. */
  adds: string
  /** For each cell with outputs after the first one: mime type or stream -> text in it. */
  shows: ReadonlyArray<Readonly<Record<string, string>>>
  /** `¦` marks the cursor: the completion offers it, or the inspection contains it. */
  typed: { cell: string; completes?: string; tells?: string }
}

const TABLE = '<table>'
const PNG = 'iVBORw0KGgo'

/** Quick to install: those of each run of the suite. */
export const QUICK: readonly string[] = ['lodash-es', 'zod', 'napi-rs-canvas']

export const PACKAGES: readonly PackageRow[] = [
  {
    name: 'lodash-es',
    adds: 'lodash-es',
    shows: [
      { 'text/plain': "[ 'reef', 'wreck', 'wall' ]" },
      { 'text/html': TABLE, 'text/plain': "site: 'wreck', dives: 1, depth: 31" },
    ],
    typed: {
      cell: "import { groupBy } from 'lodash-es'\ngroupBy([{ depth: 1 }], 'depth')['1'][0].¦",
      completes: 'depth',
    },
  },
  {
    name: 'zod',
    adds: 'zod',
    shows: [
      { 'text/plain': "site: 'reef', depth: 18.5" },
      { stdout: 'expected number to be >0' },
      { 'text/plain': "'$schema'" },
    ],
    typed: {
      cell: "import { z } from 'zod'\nz.object({ site: z.string() }).parse({}).¦",
      completes: 'site',
    },
  },
  {
    name: 'd3',
    adds: 'd3',
    shows: [{ 'text/plain': '[ [ 0, 24 ], [ 0, 24 ] ]' }, { 'image/svg+xml': '<path d="M20,10C' }],
    typed: {
      cell: "import { scaleLinear } from 'd3'\nscaleLinear().¦",
      completes: 'nice',
    },
  },
  {
    name: 'observable-plot',
    adds: '@observablehq/plot',
    shows: [{ 'image/svg+xml': '<path d="M' }, { 'image/svg+xml': 'wreck' }],
    typed: {
      cell: "import * as Plot from '@observablehq/plot'\nPlot.plot({ mar¦ })",
      completes: 'marks',
    },
  },
  {
    name: 'arquero',
    adds: 'arquero',
    shows: [{ 'text/html': TABLE }, { 'text/html': '<th>deepest</th>' }],
    typed: {
      cell: "import { table } from 'arquero'\ntable({ site: ['reef'] }).¦",
      completes: 'groupby',
    },
  },
  {
    name: 'apache-arrow',
    adds: 'apache-arrow',
    shows: [{ 'text/html': TABLE }, { 'text/plain': '[ true, 3, 25.25 ]' }],
    typed: {
      cell: "import { tableFromArrays } from 'apache-arrow'\ntableFromArrays({ depth: Float64Array.of(1) }).getChild('depth')?.¦",
      completes: 'nullCount',
    },
  },
  {
    name: 'vega-lite',
    adds: 'vega-lite',
    shows: [
      { 'text/plain': "[ 'rect' ]" },
      { 'application/vnd.vegalite.v6+json': 'dives' },
      { 'image/svg+xml': '<svg' },
    ],
    typed: {
      cell: "import { compile } from 'vega-lite'\ncompile({ mark: 'bar', encoding: {}, data: { values: [] } }).¦",
      completes: 'normalized',
    },
  },
  {
    name: 'axios',
    adds: 'axios',
    shows: [
      { stdout: '200', 'text/html': TABLE },
      { stdout: "ERR_BAD_REQUEST 404 { error: 'no such page' }" },
    ],
    typed: {
      cell: "import axios from 'axios'\nconst { data } = await axios.get<{ depth: number }>('/')\ndata.¦",
      completes: 'depth',
    },
  },
  {
    name: 'date-fns',
    adds: 'date-fns',
    shows: [{ 'text/plain': "'Thursday, 12 March 2026'" }, { 'text/html': TABLE }],
    typed: {
      cell: "import { intervalToDuration } from 'date-fns'\nintervalToDuration({ start: 0, end: 1 }).¦",
      completes: 'months',
    },
  },
  {
    name: 'rxjs',
    adds: 'rxjs',
    shows: [{ 'text/plain': '[ 1, 9, 25, 49, 81 ]' }, { stdout: 'sum 3', 'text/plain': '6' }],
    typed: {
      cell: "import { map, of } from 'rxjs'\nof(1).pipe(map((n) => ({ n }))).subscribe((one) => one.¦)",
      completes: 'n',
    },
  },
  {
    name: 'mathjs',
    adds: 'mathjs',
    shows: [
      { stdout: '98.425 ft', 'text/plain': '5' },
      { 'text/latex': String.raw`\frac{\sqrt`, 'text/plain': '14' },
    ],
    typed: { cell: "import { unit } from 'mathjs'\nunit(1, 'm').¦", completes: 'toNumeric' },
  },
  {
    name: 'simple-statistics',
    adds: 'simple-statistics',
    shows: [{ 'text/plain': "[ '1.97', '1.06', '0.998' ]" }, { 'text/html': TABLE }],
    typed: {
      cell: "import { linearRegression } from 'simple-statistics'\nlinearRegression([[0, 1]]).¦",
      completes: 'm',
    },
  },
  {
    name: 'cheerio',
    adds: 'cheerio',
    shows: [{ 'text/html': TABLE }, { 'text/html': '<li data-depth="18" class="deep">' }],
    typed: { cell: "import { load } from 'cheerio'\nload('')('a').¦", completes: 'attr' },
  },
  {
    name: 'napi-rs-canvas',
    adds: '@napi-rs/canvas',
    shows: [{ 'image/png': PNG }, { 'image/png': PNG }],
    typed: {
      cell: "import { createCanvas } from '@napi-rs/canvas'\ncreateCanvas(1, 1).getContext('2d').¦",
      completes: 'createLinearGradient',
    },
  },
  {
    name: 'papaparse',
    adds: 'papaparse',
    shows: [
      { stdout: "0 [ 'site', 'depth' ]", 'text/html': TABLE },
      { stdout: '"wreck, old",102' },
    ],
    typed: {
      cell: "import Papa from 'papaparse'\nPapa.parse<{ depth: number }>('').data[0].¦",
      completes: 'depth',
    },
  },
  {
    name: 'nodejs-polars',
    adds: 'nodejs-polars',
    shows: [
      { stdout: 'shape: (5, 2)', 'text/plain': '{ height: 5, width: 2 }' },
      { 'text/html': '<th>deepest</th>' },
    ],
    typed: {
      cell: "import pl from 'nodejs-polars'\npl.DataFrame({ a: [1] }).¦",
      completes: 'groupBy',
    },
  },
  {
    name: 'duckdb',
    adds: '@duckdb/node-api',
    shows: [{ 'text/html': TABLE }, { stdout: "[ 'site', 'deepest' ]", 'text/html': '31' }],
    typed: {
      cell: "import { DuckDBInstance } from '@duckdb/node-api'\nconst db = await DuckDBInstance.create()\ndb.¦",
      completes: 'connect',
    },
  },
  {
    name: 'react',
    adds: 'react',
    shows: [{ 'text/plain': '<ul><li' }, { 'text/html': 'font-weight:bold">wreck: 31 m' }],
    typed: {
      cell: "import { useState } from 'react'\nconst [depth, setDepth] = useState(1)\nset¦Depth",
      tells: 'SetStateAction<number>',
    },
  },
  {
    name: 'chart.js',
    adds: 'chart.js',
    shows: [{ 'text/plain': '[ 3, 12 ]' }, { 'image/png': PNG }],
    typed: {
      cell: "import { Chart } from 'chart.js'\ndeclare const chart: Chart<'bar'>\nchart.¦",
      completes: 'getDatasetMeta',
    },
  },
  {
    name: 'class-validator',
    adds: 'class-validator',
    shows: [
      { stdout: 'tsconfig.json' },
      { 'text/plain': '[]' },
      { 'text/html': 'deeper than 40 m' },
    ],
    typed: {
      cell: "import { validate } from 'class-validator'\nconst [mistake] = await validate({})\nmistake.¦",
      completes: 'constraints',
    },
  },
]
