// The cost of compiling a cell, beside V8's time for the script: `node bench/compile.ts`.
import { performance } from 'node:perf_hooks'
import vm from 'node:vm'

const loading = performance.now()
const { compileCell } = await import('../kernel/src/cell/compile.ts')
const loaded = performance.now() - loading

const magics = new Map([['post', { line: true, cell: true }]])
const plain = Array.from({ length: 20 }, (_, n) => `const v${n} = [1, 2].map((x) => x * ${n})`)
const typed = plain.map((line, n) => line.replace('=', `: number[] =`).replace('v', `t${n}v`))
const cells: Array<[name: string, source: string]> = [
  ['1 + 1', '1 + 1'],
  ['20 lines', plain.join('\n')],
  ['20 lines with types', typed.join('\n')],
  ['20 lines with %post', `${plain.join('\n')}\n%post @me \${v1} done`],
  ['an import and an await', "import { sep } from 'node:path'\nawait 1\nsep"],
  ['a decorated class', 'const d = (v) => v\n@d class A { @d m() {} accessor x = 1 }'],
  ['5 MB of comment', `/*${'x'.repeat(5_000_000)}*/ 1`],
  [
    '5 MB of lines and %post',
    `${'// 50 characters of comment, many times over......\n'.repeat(1e5)}%post hi`,
  ],
]

function compile(source: string) {
  return compileCell(source, { filename: '/notebook/cell_1.ts', magics })
}

function elapsed(run: () => unknown): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

function median(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

console.log(`load ${loaded.toFixed(1)} ms`)
console.log(
  'cell'.padEnd(26),
  'first ms'.padStart(9),
  'median ms'.padStart(10),
  'V8 ms'.padStart(8),
  'map ms'.padStart(8),
)
for (const [name, source] of cells) {
  const rounds = source.length > 1e6 ? 3 : 300
  const first = elapsed(() => compile(source))
  const warm = median(Array.from({ length: rounds }, () => elapsed(() => compile(source))))
  const cell = compile(source)
  // Each with a comment of its own: V8 keeps scripts that it has seen.
  const scripts = Array.from({ length: rounds }, (_, round) => `${cell.script.code}//${round}`)
  const v8 = median(scripts.map((code) => elapsed(() => new vm.Script(code))))
  const map = elapsed(() => cell.originalPosition(1, 20))
  const figures = [
    first.toFixed(2).padStart(9),
    warm.toFixed(3).padStart(10),
    v8.toFixed(3).padStart(8),
    map.toFixed(2).padStart(8),
  ]
  console.log(name.padEnd(26), ...figures)
}
