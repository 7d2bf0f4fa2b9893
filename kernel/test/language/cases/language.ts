// The language itself: what types are made of, and what they say about members.
import type { Scenario } from './scenario.ts'

export const types: Scenario = {
  name: 'types',
  before: [
    `/** A point. */
interface Point { x: number; y: number; label?: string }
type Shape =
  | { kind: 'circle'; radius: number }
  | { kind: 'square'; side: number }
  | { kind: 'polygon'; points: Point[]; closed: boolean }
type Getters<T> = { [K in keyof T & string as \`get\${Capitalize<K>}\`]: () => T[K] }
type Setters<T> = { [K in keyof T & string as \`set\${Capitalize<K>}\`]?: (value: T[K]) => void }
type Elem<T> = T extends readonly (infer E)[] ? E : T extends Promise<infer P> ? P : never
type Event = 'click' | 'focus' | \`key:\${'up' | 'down'}\`
type Deep = { a: { b: { c: { found: true } } } }
const origin: Point = { x: 0, y: 0 }
const tuple: [first: string, second?: Date, ...rest: number[]] = ['a']
const frozen = { list: [1, 2], nested: { on: true } } as const`,
    `function identity<T>(value: T): T { return value }
function pick<T, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> { return from }
function group<T, K extends PropertyKey>(items: T[], by: (item: T) => K): Record<K, T[]> { return {} as Record<K, T[]> }
function parse(text: string): { parsed: string }
function parse(bytes: Uint8Array, strict?: boolean): { decoded: number }
function parse(input: unknown): unknown { return { input } }
const isPoint = (value: unknown): value is Point => typeof value === 'object'
function assertPoint(value: unknown): asserts value is Point {}
const shapes: Shape[] = []
const keyed: Record<'alpha' | 'beta', { held: string }> = { alpha: { held: '' }, beta: { held: '' } }
const odd = { 'a-b': 1, 'with space': 2, plain: 3, 4: 'four' }
const unique: unique symbol = Symbol('unique')
const symbolic = { [unique]: { hidden: 1 }, [Symbol.iterator]: function* () { yield 1 } }
async function* ticks(): AsyncGenerator<{ at: Date }, { total: number }> { yield { at: new Date() }; return { total: 1 } }
class Tree<T> { constructor(readonly value: T, readonly children: Tree<T>[] = []) {} map<U>(to: (value: T) => U): Tree<U> { return new Tree(to(this.value)) } }`,
  ],
  complete: [
    'origin.¦',
    'identity(origin).¦',
    'identity({ a: origin }).a.¦',
    'pick(origin, "x").¦',
    'pick(origin, "¦")',
    'group([origin], (one) => one.¦)',
    'group([origin], (one) => "k" as "left" | "right").¦',
    'parse("").¦',
    'parse(new Uint8Array()).¦',
    'for (const shape of shapes) shape.¦',
    'for (const shape of shapes) { if (shape.kind === "circle") { shape.¦ } }',
    'for (const shape of shapes) { switch (shape.kind) { case "polygon": shape.¦ } }',
    'for (const shape of shapes) { if (shape.kind !== "circle" && shape.kind !== "square") { shape.points[0]!.¦ } }',
    'for (const shape of shapes) { if (shape.kind === "¦") {} }',
    'for (const shape of shapes) { switch (shape.kind) { case "¦" } }',
    'const g: Getters<Point> = null!; g.¦',
    'const s: Setters<Point> = null!; s.¦',
    'const e: Elem<Point[]> = null!; e.¦',
    'const e: Elem<Promise<Deep>> = null!; e.a.b.c.¦',
    'const event: Event = "¦"',
    'const deep: Deep = null!; deep.a?.b.c.¦',
    'tuple[0].toUp¦',
    'tuple[1]?.toISO¦',
    'tuple[2].toFi¦',
    'const [one, two] = tuple; two?.getFull¦',
    'frozen.¦',
    'frozen.nested.¦',
    'frozen.list.toSor¦',
    'keyed.¦',
    'keyed["¦"]',
    'keyed.alpha.¦',
    'odd.¦',
    'odd["¦"]',
    'symbolic[unique].¦',
    'for (const n of symbolic) n.toFix¦',
    'for await (const tick of ticks()) tick.¦',
    'for await (const { at } of ticks()) at.toJ¦',
    'const end = await ticks().return({ total: 1 }); if (end.done) end.value.¦',
    'new Tree(origin).¦',
    'new Tree(origin).map(({ x }) => x.toFix¦)',
    'new Tree(origin).map(String).value.toLowerC¦',
    'declare const u: unknown; if (isPoint(u)) u.¦',
    'declare const u: unknown; assertPoint(u); u.¦',
    'declare const v: string | number[] | undefined; if (Array.isArray(v)) v.fil¦',
    'declare const v: string | number[] | undefined; if (typeof v === "string") v.trimS¦',
    'declare const v: Date | Point; if ("x" in v) v.¦',
    'declare const v: Error | Point; if (v instanceof Error) v.¦',
    'declare const v: Point | null; v?.¦',
    'declare const v: Point | null; v!.¦',
    'const literal: Point = { ¦ }',
    'const literal: Point = { x: 1, ¦ }',
    'const literal = { ¦ } satisfies Point',
    'const shape: Shape = { kind: "circle", ¦ }',
    'const shape: Shape = { kind: "¦" }',
    'const key: keyof Point = "¦"',
    'const half: Partial<Point> = { ¦ }',
    'type P = Point["¦"]',
    'let p: Point["label"]; p?.toUpperC¦',
    'const { ¦ } = origin',
    'const { x, ¦ } = origin',
    'function f({ ¦ }: Point) {}',
    'const fn = <T extends Point>(p: T) => p.¦',
    'let fn: typeof identity; fn("").toLowerC¦',
    'type R = ReturnType<typeof parse>; const r: R = null!; r.¦',
    'const awaited: Awaited<Promise<Promise<Point>>> = null!; awaited.¦',
    'type Rest = Omit<Point, "¦">',
    'const big = 1_000_000; big.toLoc¦',
    'const re = /a[.]b/g; re.las¦',
    'const text = `${origin.¦}`',
    '`${origin.x}`.padS¦',
    'label: for (const s of shapes) { continue lab¦ }',
  ],
  inspect: [
    'ori¦gin',
    'identity(ori¦gin)',
    'ident¦ity(origin)',
    'pic¦k(origin, "x")',
    'par¦se("")',
    'const g: Get¦ters<Point> = null!',
    'let s: Sha¦pe',
    'let p: Poi¦nt',
    'const picked = pick(origin, "x"); pic¦ked',
    'const grouped = group([origin], () => "a" as const); group¦ed',
    'tup¦le',
    'froz¦en',
    'tick¦s()',
    'new Tr¦ee(1)',
    'new Tree(1).ma¦p(String)',
    'for (const shape of shapes) { if (shape.kind === "circle") { sha¦pe } }',
    'const e: Elem<Point[]> = null!; ¦e',
    'declare const v: string | number[]; if (typeof v === "string") { ¦v }',
    'origin.lab¦el',
    'odd["a-b¦"]',
    'symbolic[uni¦que]',
  ],
  signature: [
    'identity(¦',
    'identity(¦)',
    'pick(origin, ¦)',
    'pick(origin, "x", ¦)',
    'group([origin], ¦)',
    'parse(¦)',
    'parse(new Uint8Array(), ¦)',
    'new Tree(¦)',
    'new Tree(origin, ¦)',
    'new Tree(origin).map(¦)',
    'identity(pick(origin, ¦))',
    'identity(pick(origin), ¦',
    'identity<¦',
    'Math.max(1, 2, ¦)',
    'Math.max(...[1], ¦)',
    '[1, 2].reduce((sum, one) => sum + one, ¦)',
    'new Map<string, ¦',
    'new Map([¦',
    'String.raw`a${¦}`',
    'setTimeout(() => { identity(¦) }, 1)',
    'isPoint(¦)',
    'identity(\n  origin,\n  ¦\n)',
  ],
  diagnostics: [
    'const wrong: number = "x"',
    'origin.z',
    'const ok: Point = { x: 1, y: 2 }',
    'const missing: Point = { x: 1 }',
    'const extra: Point = { x: 1, y: 2, z: 3 }',
    'parse(1)',
    'identity(1, 2)',
    'const shape: Shape = { kind: "circle", side: 1 }',
    'for (const shape of shapes) { shape.radius }',
    'const e: Event = "key:left"',
    'frozen.nested.on = false',
    'frozen.list.push(1)',
    'origin.label.length',
    'tuple[2].toFixed()\ntuple[0].toFixed()',
    'const x: string = await Promise.resolve(1)',
    'undefinedName + 1',
    'const s = { x: 1 } satisfies Point',
    'declare const u: unknown\nu.x',
    'const n: number = null',
    'function noReturn(): string {}',
    'identity<string>(1)',
    'pick(origin, "z")',
    'const fine = group([origin], ({ x }) => x)[1]!.map(({ y }) => y.toFixed())',
    'for await (const tick of ticks()) tick.at.toISOString()',
    'new Tree(1).map(String).value.toFixed()',
  ],
}
