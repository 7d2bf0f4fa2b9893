// Classes, enums, namespaces and JSDoc.
import type { Scenario } from './scenario.ts'

export const classes: Scenario = {
  name: 'classes',
  before: [
    `function logged<This, Args extends unknown[], Result>(method: (this: This, ...args: Args) => Result, context: ClassMethodDecoratorContext) { return method }
/** What all have. */
abstract class Animal {
  static count = 0
  static #secret = 1
  /** What it is called. */
  readonly name: string
  protected age = 1
  private hidden = true
  #inner = { deep: 1 }
  constructor(name: string) { this.name = name }
  abstract speak(loud?: boolean): string
  get size(): number { return 1 }
  set size(value: number) {}
  protected grow(by: number): this { return this }
  static create(name: string): Animal { return new Dog(name) }
  reveal() { return this.#inner }
}
class Dog extends Animal {
  tricks = new Map<string, { hard: boolean }>()
  @logged speak(loud?: boolean) { return loud ? 'WOOF' : 'woof' }
  accessor collar: { colour: 'red' | 'blue' } = { colour: 'red' }
  fetch({ what, times = 1 }: { what: string; times?: number }) { return { what, times } }
}
const dog = new Dog('Rex')`,
    `enum Colour { Red, Green = 'green', Blue = 4 }
const enum Level { Low = 1, High = 2 }
enum Flags { None = 0, A = 1 << 0, B = 1 << 1 }
namespace Geometry {
  export interface Size { width: number; height: number }
  export const unit: Size = { width: 1, height: 1 }
  export namespace Inner { export const deep = { deeper: true } }
  const notExported = 1
  export function area({ width, height }: Size) { return width * height }
}
interface Callable { (x: number): string; property: boolean; new (y: string): Date }
declare const callable: Callable`,
    `/**
 * Adds two numbers.
 *
 * Longer text with \`code\` and a {@link Math.max link}.
 * @param a - the first
 * @param b - the second, by default 1
 * @returns their sum
 * @example
 * add(1, 2) // 3
 * @see https://example.com
 */
function add(a: number, b = 1): number { return a + b }
/** @deprecated Use {@link add}. */
function plus(a: number, b: number) { return a + b }
/**
 * @template T what is wrapped
 * @param options - how
 * @param options.deep - whether deeply
 */
function wrap<T>(value: T, options: { deep?: boolean; depth?: number } = {}) { return { value } }
class Account {
  /** In cents. */
  balance = 0
  /**
   * Takes money in.
   * @param amount - in cents
   * @throws {RangeError} if it is negative
   */
  deposit(amount: number): void {}
}
function variadic(first: string, ...others: readonly (string | number)[]): void {}
function optional(a?: string, b: number = 2, c?: { d: boolean }): void {}
function tag(strings: TemplateStringsArray, ...values: Date[]): string { return '' }
type Handler = (event: { type: string }, index: number) => void
const handler: Handler = () => {}
function on(name: 'open' | 'close', then: Handler): void {}`,
  ],
  complete: [
    'dog.¦',
    'dog.collar.¦',
    'dog.collar.colour = "¦"',
    'dog.tricks.get("")?.¦',
    'dog.tricks.forE¦',
    'dog.reveal().¦',
    'Dog.¦',
    'Animal.cr¦',
    'Animal.create("").¦',
    'dog.fetch({ ¦ })',
    'dog.fetch({ what: "", ¦ })',
    'dog.fetch({ what: "" }).¦',
    'class Cat extends Dog { m() { this.¦ } }',
    'class Cat extends Dog { m() { super.¦ } }',
    'class Cat extends Dog { #own = 1; m() { this.#¦ } }',
    'class Cat { #own = { a: 1 }; m() { this.#own.¦ } }',
    'class Cat { static #own = 1; static m() { this.#¦ } }',
    'class Cat extends Animal { speak() { return "" } m(other: Cat) { other.ag¦ } }',
    'class Cat { private a = 1; protected b = 2; c = 3 }; new Cat().¦',
    'Colour.¦',
    'const c: Colour = Colour.¦',
    'Level.¦',
    'Flags.¦',
    'const c = Colour.Red; c.toFix¦',
    'Geometry.¦',
    'Geometry.unit.¦',
    'Geometry.Inner.¦',
    'Geometry.Inner.deep.¦',
    'let s: Geometry.¦',
    'const s: Geometry.Size = { ¦ }',
    'callable.¦',
    'callable(1).toLowerC¦',
    'new callable("").getFullY¦',
    'new Account().¦',
    'wrap(1, { ¦ })',
    'wrap(dog).value.¦',
    'on("¦")',
    'on("open", (event) => event.¦)',
    'on("open", (event, index) => index.toFix¦)',
    'handler({ ¦ }, 1)',
    'class C { declare x: number; get y() { return 1 } static { this.¦ } }',
    'abstract class A extends Animal { m() { this.gro¦ } }',
    'class C implements Geometry.Size { width = 1; height = 1; m() { this.¦ } }',
    'const object = { a: 1, m() { return this.¦ } }',
    '{ using file = { [Symbol.dispose]() {}, handle: 1 }; file.¦ }',
    '{ await using file = { async [Symbol.asyncDispose]() {}, handle: 1 }; file.¦ }',
  ],
  inspect: [
    'do¦g',
    'new Do¦g("")',
    'Ani¦mal',
    'dog.na¦me',
    'dog.siz¦e',
    'dog.spea¦k()',
    'dog.fet¦ch({ what: "" })',
    'dog.coll¦ar',
    'Animal.crea¦te("")',
    'Col¦our',
    'Colour.Gre¦en',
    'Level.Hi¦gh',
    'Geome¦try',
    'Geometry.are¦a',
    'let s: Geometry.Si¦ze',
    'callab¦le',
    'ad¦d(1)',
    'plu¦s(1, 2)',
    'wra¦p(1)',
    'new Account().depos¦it(1)',
    'new Account().bala¦nce',
    'variad¦ic("")',
    'class Cat extends Dog { m() { th¦is } }',
    'on("open", (eve¦nt) => {})',
  ],
  signature: [
    'add(¦)',
    'add(1, ¦)',
    'plus(¦)',
    'wrap(1, ¦)',
    'new Account().deposit(¦)',
    'variadic(¦)',
    'variadic("", 1, 2, ¦)',
    'optional(¦)',
    'optional("", ¦)',
    'optional("", 1, ¦)',
    'tag`${¦}`',
    'tag`${new Date()} and ${¦}`',
    'handler(¦)',
    'on("open", ¦)',
    'dog.speak(¦)',
    'dog.fetch(¦)',
    'new Dog(¦)',
    'callable(¦)',
    'new callable(¦)',
    'class Cat extends Dog { constructor() { super(¦) } }',
    'dog.tricks.set("", ¦)',
    'Geometry.area(¦)',
  ],
  diagnostics: [
    'dog.age',
    'dog.hidden',
    'new Animal("")',
    'dog.name = "other"',
    'class Cat extends Animal {}',
    'class Cat extends Dog { speak() { return 1 } }',
    'dog.collar.colour = "green"',
    'const c: Colour = "green"',
    'const c: Colour = Colour.Green',
    'Colour.Yellow',
    'const l: Level = Level.Low',
    'Geometry.notExported',
    'const s: Geometry.Size = Geometry.unit',
    'on("shut", handler)',
    'variadic()',
    'callable("")',
    'class C { @logged m(x: number) { return x } }\nnew C().m("")',
    'class C { static #p = 1; static read() { return C.#p } }\nC.read().toFixed()',
    'plus(1, 2)',
  ],
}
