import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Evaluator } from '../helpers/evaluator.ts'

let evaluator: Evaluator
beforeAll(() => {
  evaluator = new Evaluator(new Map([['post', { line: true, cell: true }]]))
})
afterAll(() => evaluator.close())

type Row = [title: string, cells: string[], last: string]

function holds(rows: Row[]) {
  test.each(rows)('%s', async (_, cells, last) => {
    const outcomes = await evaluator.run(cells)
    const outcome = outcomes.at(-1) ?? ''
    expect(last.endsWith('…') ? `${outcome.slice(0, last.length - 1)}…` : outcome).toBe(last)
  })
}

describe('values', () => {
  holds([
    ['the last expression is the value', ['1; 2'], '2'],
    ['a semicolon behind it, as people format their code, changes nothing', ['5;'], '5'],
    ['nor with a comment and empty lines behind it', ['5 ; // why;\n\n/* ; */\n'], '5'],
    ['nor on a line of its own', ['5\n;'], '5'],
    ['nor after an await', ['await 1\n5;'], '5'],
    ['nor with types, which are taken out', ['(5 as number);'], '5'],
    ['nor with decorators, which are made code', ['@((c: any) => c) class D {}\n5;'], '5'],
    ['two semicolons hide it', ['5;;'], 'none'],
    ['also apart', ['5 ; // why\n;'], 'none'],
    ['also with types', ['(5 as number);;'], 'none'],
    ['also after an await', ['await 1; 5;;'], 'none'],
    ['void makes it undefined', ['void 5;'], 'undefined'],
    ['a line after a semicolon that guards it is the value', ['let q = 1\n;[q, 2]'], '[ 1, 2 ]'],
    ['a magic has none', ['5\n%post @me hi'], 'none'],
    ['nor has a value before a magic', ['5;\n%post @me hi\n'], 'none'],
    ['an object of one key', ["{ key: 'value' }"], "{ key: 'value' }"],
    ['of more', ['{ a: 1, b: 2 }'], '{ a: 1, b: 2 }'],
    ['on many lines', ['// what\n{\n  a: 1,\n  b: [2],\n};\n'], '{ a: 1, b: [ 2 ] }'],
    ['of objects', ['{ a: { b: { c: 1 } } }'], '{ a: { b: { c: 1 } } }'],
    ['of names', ['const [x, y] = [1, 2]', '{ x }'], '{ x: 1 }'],
    ['of two names', ['const [x, y] = [1, 2]', '{ x, y }'], '{ x: 1, y: 2 }'],
    [
      'of strings, spread and computed keys',
      ["{ 'a-b': 1, ...{ c: 2 }, ['d']: 3 }"],
      "{ 'a-b': 1, c: 2, d: 3 }",
    ],
    ['of a method', ['{ f() { return 1 } }'], '{ f: [Function: f] }'],
    ['of none', ['{}'], '{}'],
    ['with await inside', ['{ a: await Promise.resolve(1) }'], '{ a: 1 }'],
    ['with a call inside', ['{ sum: [1, 2].length }'], '{ sum: 2 }'],
    ['with types inside', ['{ a: 1 as number, b: <string>"x" };'], "{ a: 1, b: 'x' }"],
    [
      'with a decorated class inside',
      ['{ a: new (@((c: any) => c) class { x = 1 })().x }'],
      '{ a: 1 }',
    ],
    ['used at once', ['{ a: 1 }.a'], '1'],
    ['taken apart', ['let u\nvoid 0;;', '{ u } = { u: 4 };;', 'u'], '4'],
    ['hidden', ['{ a: 1 };;'], 'none'],
    ['before other statements', ['{ a: 1, b: 2 }\n5'], '5'],
    ['a block that does something is a block', ['let n = 1', '{ n = 2 }', 'n'], '2'],
    [
      'also one that looks like a method',
      ['function g() { m = 5 }\nlet m', '{ g()\n{} }', 'm'],
      '5',
    ],
    ['also one that declares', ['{ let z = 1 }'], 'none'],
    ['a loop with a label is one', ['{ a: for (;;) break a }'], 'none'],
    [
      'a block before other statements is one',
      ['let o = 0', '{ o }\n(() => { o = 3 })()', 'o'],
      '3',
    ],
    ['a comment after the value changes nothing', ['5 // why;'], '5'],
    ['an object in parentheses', ['({a:1})'], '{ a: 1 }'],
    ['a block has none', ['if (true) {5}'], 'none'],
    ['a declaration has none', ['1; let w'], 'none'],
    ['a function has none', ['1\nfunction f() {}'], 'none'],
    ['an empty cell has none', [''], 'none'],
    ['a string that looks like a directive', ['"hello"'], "'hello'"],
    ['null is one', ['null'], 'null'],
    ['of an await', ['await Promise.resolve(5)'], '5'],
    ['after an await', ['await 1;\n({ then: 1 })'], '{ then: 1 }'],
    [
      'a thenable is not taken apart',
      ['await 1\nconst t = { then(f) { f(2) } }\nt'],
      '{ then: [Function: then] }',
    ],
    ['types after it do not count', ['5\ntype X = string\ninterface Y {}'], '5'],
    ['types imported before it do not count', ['import type { X } from "nowhere"\n1'], '1'],
    ['of export default', ['export default 1 + 1'], '2'],
    ['of export default after an await', ['await 1\nexport default 1 + 1'], '2'],
    ['also with a semicolon', ['export default 7;'], '7'],
    ['not with two', ['export default 7;;'], 'none'],
    ['a sequence', ['1, 2'], '2'],
    ['a labelled statement has none', ['a: 5'], 'none'],
    ['a hashbang line is a comment', ['#!/usr/bin/env node\n5'], '5'],
    ['Windows line ends', ['let a = 1\r\na + 1\r\n'], '2'],
    ['a byte order mark', ['\ufefflet a = 1\na'], '1'],
    ['a lone surrogate in a string', ['"\ud800".charCodeAt(0).toString(16)'], "'d800'"],
    [
      'a lone surrogate beside types',
      ['const s: string = "\ud800"\ns.charCodeAt(0).toString(16)'],
      "'d800'",
    ],
    [
      'a lone surrogate in a template beside types',
      ['const s: string = `\udc00`\ns.charCodeAt(0).toString(16)'],
      "'dc00'",
    ],
    ['what scripts take for an HTML comment', ['let x = 1\nlet y = 0\nx<!--y'], 'false'],
    ['and its end', ['let z = 3\nlet r = z\n-->2 ? 1 : 2\nr'], 'SyntaxError…'],
  ])
})

describe('declarations', () => {
  holds([
    [
      'let, const and var are there in the next cell',
      ['let a = 1; const b = 2; var c = 3', 'a + b + c'],
      '6',
    ],
    ['let is declared anew', ['let x = 1', 'let x = 2', 'x'], '2'],
    ['const is declared anew', ['const x = 1', 'const x = 2', 'x'], '2'],
    ['class is declared anew', ['class A { v = 1 }', 'class A { v = 2 }', 'new A().v'], '2'],
    [
      'const, let, function of one name',
      ['const x = 1', 'let x = 2', 'function x() { return 3 }', 'x()'],
      '3',
    ],
    ['function, then const', ['function x() {}', 'const x = 4', 'x'], '4'],
    [
      'twice in one cell is an error',
      ['let x = 1; let x = 2'],
      'SyntaxError: Identifier `x` has already been declared',
    ],
    ['assigning a const throws', ['const k = 1', 'k = 2'], 'TypeError…'],
    ['assigning a const in its own cell throws', ['const k = 1; k = 2; k'], 'TypeError…'],
    [
      'assigning a destructured const in its own cell throws',
      ['const { k, l: [m] } = { k: 1, l: [2] }\nm = 2'],
      'TypeError…',
    ],
    [
      'assigning an import in its own cell throws',
      ['import { sep } from "path"; sep = 2'],
      'TypeError…',
    ],
    [
      'assigning a using in its own cell throws',
      ['using u = { [Symbol.dispose]() {} }\nu = 2'],
      'TypeError…',
    ],
    ['a cell with a const runs again', ['const k = [1]\nk', 'const k = [1]\nk'], '[ 1 ]'],
    ['assigning an import throws', ['import { sep } from "node:path"', 'sep = 1'], 'TypeError…'],
    [
      'assigning a const from a function throws',
      ['const k = 1\nfunction f() { k = 2 }', 'f()'],
      'TypeError…',
    ],
    ['assigning what nobody declared throws', ['nobody = 1'], 'ReferenceError…'],
    [
      'an old closure sees the new value',
      ['let n = 1\nconst get = () => n', 'let n = 2', 'get()'],
      '2',
    ],
    [
      'functions assign top-level names',
      ['let n = 1\nfunction up() { n++ }', 'up(); up(); n'],
      '3',
    ],
    ['a parameter shadows', ['let n = 1\nfunction set(n) { n = 5 }\nset(0)\nn'], '1'],
    ['let in a block is its own', ['let n = 1\n{ let n = 2 }\nn'], '1'],
    [
      'var in blocks is hoisted',
      ['if (true) { var v = 1 }\ntry { var w = 2 } catch {}', 'v + w'],
      '3',
    ],
    ['var without braces', ['if (true) var v = 1, u\nelse var e = 2', 'v'], '1'],
    ['var keeps its value when declared again', ['var v = 1', 'var v', 'v'], '1'],
    ['let without a value is undefined again', ['let v = 1', 'let v', 'v'], 'undefined'],
    [
      'var in for, for in and for of',
      [
        'for (var i = 0, n; i < 3; i++);\nfor (var k in { a: 1 });\nfor (var [o] of [[7]]);',
        '[i, n, k, o]',
      ],
      "[ 3, undefined, 'a', 7 ]",
    ],
    ['let in a loop is its own', ['let i = 9\nfor (let i = 0; i < 3; i++);\ni'], '9'],
    [
      'closures of a loop keep their own',
      ['const fs = []\nfor (let i = 0; i < 3; i++) fs.push(() => i)', 'fs.map((f) => f())'],
      '[ 0, 1, 2 ]',
    ],
    ['for await', ['for await (var a of [1, Promise.resolve(2)]);', 'a'], '2'],
    [
      'destructuring',
      ['const { a, b: [c = 5], ...rest } = { a: 1, b: [], d: 4 }', '[a, c, rest]'],
      '[ 1, 5, { d: 4 } ]',
    ],
    [
      'destructuring after an expression without semicolon',
      ['let p = 1\nconst { q } = { q: 2 }, [r] = [3]', 'p + q + r'],
      '6',
    ],
    ['a declaration before a parenthesis', ['let y\n(1)', 'y'], 'undefined'],
    ['globalThis sees them', ['let g = 1', 'globalThis.g'], '1'],
    [
      'the same names in a var and a function of a function',
      ['function f() { var x = 1; function y() { return x }; return y() }\nf()'],
      '1',
    ],
    [
      'a failing cell keeps what ran before',
      ['let a = 1; throw new Error("x"); let b = 2', 'a'],
      '1',
    ],
    [
      'a name whose cell failed can be declared again',
      ['let x = (() => { throw 1 })()', 'let x = 3', 'x'],
      '3',
    ],
    ['a syntax error changes nothing', ['let s = 1', 'let s = 2; let let = 1', 's'], '1'],
    [
      'a sync prefix is visible during an await',
      ['let early = 1; const seen = () => early; await 1; let late = seen()', 'late'],
      '1',
    ],
    ['switch cases', ['switch (1) { case 1: var s = 4; break; default: var t = 5 }', 's'], '4'],
    [
      'labels',
      [
        'outer: for (var i = 0; ; i++) { for (;;) { if (i > 2) break outer; continue outer } }',
        'i',
      ],
      '3',
    ],
  ])
})

describe('functions and classes', () => {
  holds([
    [
      'a function is there before its line',
      ['f()\nfunction f() { return 1 }'.replace('f()', 'let r = f()'), 'r'],
      '1',
    ],
    [
      'a function keeps its name',
      ['function f() {}\nasync function g() {}\nfunction* h() {}', '[f.name, g.name, h.name]'],
      "[ 'f', 'g', 'h' ]",
    ],
    [
      'arrows and classes are named',
      ['const a = () => {}; let B = class {}; class C {}', '[a.name, B.name, C.name]'],
      "[ 'a', 'B', 'C' ]",
    ],
    [
      'recursion goes through the global name',
      [
        'function fib(n) { calls++; return n < 2 ? n : fib(n - 1) + fib(n - 2) }\nlet calls = 0',
        'const old = fib; fib = (n) => (n < 9 ? 1 : old(n))',
        'fib(10); calls',
      ],
      '2',
    ],
    [
      'the later function of two holds',
      ['function d() { return 1 }\nfunction d() { return 2 }\nd()'],
      '2',
    ],
    ['a function is its own in a block', ['{ function b() {} }\ntypeof b'], "'undefined'"],
    ['functions are strict', ['(function () { return this })()'], 'undefined'],
    [
      'private members and static blocks',
      ['class A { #x = 1; static y; static { this.y = new A().#x } }\nA.y'],
      '1',
    ],
    ['generators', ['function* g() { yield* [1, 2] }\n[...g()]'], '[ 1, 2 ]'],
    [
      'a class refers to itself',
      ['class A { make() { return new A() } }', 'new A().make() instanceof A'],
      'true',
    ],
    [
      'exported ones',
      [
        'export function f() { return 1 }\nexport class K {}\nexport const { a } = { a: 2 }',
        '[f(), K.name, a]',
      ],
      "[ 1, 'K', 2 ]",
    ],
    ['export default of a named class', ['export default class Foo {}', 'Foo.name'], "'Foo'"],
    ['an export list is dropped', ['const a = 1\nexport { a, a as b }', 'a'], '1'],
  ])
})

describe('modules', () => {
  holds([
    [
      'default, named and namespace',
      [
        'import os, { sep as s } from "node:path"\nimport * as path from "node:path"',
        '[os.sep, s, path.sep]',
      ],
      "[ '/', '/', '/' ]",
    ],
    [
      'an import may be declared again',
      ['import { sep } from "node:path"', 'import { join as sep } from "node:path"', 'typeof sep'],
      "'function'",
    ],
    ['an import may be replaced', ['import { sep } from "node:path"', 'let sep = 1', 'sep'], '1'],
    ['an import is hoisted', ['const s = sep\nimport { sep } from "node:path"', 's'], "'/'"],
    ['for its side effect', ['import "node:path"', '1'], '1'],
    [
      'a misspelt import that the cell uses is an error with the nearest names',
      ['import { joim } from "node:path"\njoim("a")'],
      "SyntaxError: 'joim' is a type, or not exported by 'node:path'. It exports join",
    ],
    [
      'a name that is used as a label, key or member alone is no value',
      ['import { gone } from "node:path"\ngone: for (;;) break gone\n({ gone: 1 }).gone'],
      '1',
    ],
    [
      'a name that a parameter hides is no value of the import',
      ['import { gone } from "node:path"\n;((gone: number) => gone)(2)'],
      '2',
    ],
    ['attributes', ['import data from "./answer.json" with { type: "json" }', 'data.answer'], '42'],
    ['string names', ['import { "default" as d } from "./counter.ts"', 'd'], "'the default'"],
    [
      'a live binding',
      [
        'import { count, increment } from "./counter.ts"',
        'const before = count; increment(); count - before',
      ],
      '1',
    ],
    [
      'a live binding refuses assignment',
      ['import { count } from "./counter.ts"', 'count = 5'],
      'TypeError: Assignment to constant variable: count',
    ],
    [
      'what a CommonJS module hides',
      ['import { hidden } from "./hidden.cjs"', 'hidden'],
      "'found on default'",
    ],
    [
      'a type imported as a value is not missed',
      [
        'import { Shape, increment } from "./counter.ts"\nlet s: Shape = { sides: 3 }',
        'typeof increment',
      ],
      "'function'",
    ],
    [
      'types only',
      [
        'import type { Shape } from "./nowhere.ts"\nimport { type Shape as S } from "./counter.ts"',
        '1',
      ],
      '1',
    ],
    ['dynamic import', ['(await import("node:path")).sep'], "'/'"],
    [
      'dynamic import with options',
      ['(await import("./answer.json", { with: { type: "json" } })).default.answer'],
      '42',
    ],
    ['import.meta', ['import.meta.url.slice(0, 8)'], "'file:///'"],
    [
      'export from another module',
      ['export * from "node:path"\nexport { sep } from "node:path"', 'typeof sep'],
      "'undefined'",
    ],
  ])
})

describe('TypeScript', () => {
  holds([
    [
      'annotations, as, satisfies, !',
      ['const a: number = 1 as any satisfies unknown\nlet b!: string', 'a!'],
      '1',
    ],
    ['generics are no comparisons', ['const f = <T,>(x: T) => x\nf<number>(2)'], '2'],
    ['optional parameters alone', ['function f(a?) { return a }\nf()'], 'undefined'],
    [
      'interfaces and types',
      ['interface A { x: number }\ntype B = A | null\nconst a: B = { x: 1 }', 'a'],
      '{ x: 1 }',
    ],
    [
      'enums',
      ['enum E { a, b = 5, c }\nconst enum F { x = "y" }', '[E.b, E[6], F.x]'],
      "[ 5, 'c', 'y' ]",
    ],
    [
      'an enum is fresh when its cell runs again',
      ['enum E { a }', 'enum E { b }', 'Object.keys(E)'],
      "[ '0', 'b' ]",
    ],
    [
      'enums of a cell merge',
      ['enum E { a }\nenum E { b = 1 }', 'Object.keys(E)'],
      "[ '0', '1', 'a', 'b' ]",
    ],
    [
      'namespaces',
      ['namespace N { export const x = 1; export function f() { return x } }', 'N.f()'],
      '1',
    ],
    [
      'namespaces that export let',
      ['namespace N { export let x = 1; export namespace M { export const y = 2 } }\nN.x + N.M.y'],
      '3',
    ],
    [
      'a class with a namespace',
      ['class A {}\nnamespace A { export const x = 1 }', '[A.name, A.x]'],
      "[ 'A', 1 ]",
    ],
    [
      'parameter properties',
      [
        'class P { constructor(private x: number, readonly y = 2) {} sum() { return this.x + this.y } }',
        'new P(1).sum()',
      ],
      '3',
    ],
    [
      'modifiers alone',
      [
        'class P { private x = 1; readonly y = 2; override toString() { return "p" } }',
        'new P().y',
      ],
      '2',
    ],
    [
      'abstract members and overloads',
      [
        'abstract class A { abstract m(): void; n(a: string): void; n(a: any) { return a } }\nclass B extends A { m() {} }',
        'new B().n(3 as any)',
      ],
      '3',
    ],
    [
      'namespaces of one name share what they export',
      ['namespace N { export const x = 1 }\nnamespace N { export const y = x + 1 }\nN.y'],
      '2',
    ],
    ['a zero-width space is a blank', ['let\u200b z\u200b = 4\nz'], '4'],
    ['a namespace of types', ['namespace T { export type X = 1 }\n5'], '5'],
    ['declare', ['declare const q: number\ndeclare function f(): void\ntypeof q'], "'undefined'"],
    [
      'function overloads',
      ['function f(a: string): string\nfunction f(a: any) { return a }\nf("x")'],
      "'x'",
    ],
    [
      'standard decorators',
      [
        'const seen: string[] = []\nfunction log(_: unknown, c: { name: string }) { seen.push(c.name) }\n@log class A { @log m() {} @log f = 1 }',
        'seen',
      ],
      "[ 'm', 'f', 'A' ]",
    ],
    [
      'accessor',
      ['class A { accessor x = 1; static accessor y = 2 }', '[new A().x, A.y]'],
      '[ 1, 2 ]',
    ],
    ['a decorated class has a value after it', ['function d() {}\n@d class A {}\nA.name'], "'A'"],
    [
      'using at top level',
      [
        'const log = []\nconst make = (n) => ({ n, [Symbol.dispose]() { log.push(n) } })',
        'using a = make(1), b = make(2)\nlog.push("body")\nb.n',
        'log',
      ],
      "[ 'body', 2, 1 ]",
    ],
    ['the value of a cell with using', ['using a = { [Symbol.dispose]() {} }\n7'], '7'],
    [
      'await using',
      [
        'let ended = 0\nawait using a = { async [Symbol.asyncDispose]() { await 1; ended = 1 } }\n8',
        'ended',
      ],
      '1',
    ],
    ['a using name is there later', ['using a = { v: 1, [Symbol.dispose]() {} }', 'a.v'], '1'],
    ['octal of old is refused', ['010'], "SyntaxError: '0'-prefixed octal…"],
    [
      'a command without a blank behind its mark is refused with what to write',
      ['!npm install d3'],
      'UsageError: To run a command, put a space after the exclamation mark: `! npm install d3`',
    ],
    [
      'a negation that does not parse is no command',
      ['!ready && (1'],
      'SyntaxError: Expected `)`…',
    ],
    [
      'JSX is called as a comment says',
      ['const h = (...all: unknown[]) => all', '/** @jsxRuntime classic @jsx h */ <b a={1}>x</b>'],
      "[ 'b', { a: 1 }, 'x' ]",
    ],
    [
      'a type assertion is no JSX',
      ["const s = <string>'x'; const g = <T>(a: T) => a; g(s)"],
      "'x'",
    ],
    [
      'a decorated parameter is refused',
      ['class P { constructor(@dec x: number) {} }'],
      'SyntaxError: A parameter has a decorator, which needs…',
    ],
    ['return at top level is refused', ['return 5'], 'SyntaxError…'],
  ])
})

describe('line magics', () => {
  holds([
    ['run in their place', ['let a = 1\n%post ${a}\na = 2\n%post ${a}\nmagics'], "'0(1) 1(2)'"],
    [
      'evaluate with types and await',
      ['const p = Promise.resolve(3)\n%post ${await p} ${1 as number}\nmagics'],
      "'0(3,1)'",
    ],
    ['run in loops', ['for (const i of [1, 2]) {\n  %post ${i}\n}\nmagics'], "'0(1) 0(2)'"],
    [
      'are started in callbacks',
      [
        '[1, 2].forEach((i) => {\n  %post ${i}\n})\nawait new Promise((done) => setTimeout(done))\nmagics',
      ],
      "'0(1) 0(2)'",
    ],
    ['are the body of an if', ['if (false)\n  %post a\nelse\n  %post b\nmagics'], "'1()'"],
    ['end the statement before', ['let a = 1\n%post x\n(2)'], '2'],
    ['give no value', ['5\n%post x'], 'none'],
    ['fill in objects and comments', ['%post ${{ a: 1 }.a} ${2 // two}\nmagics'], "'0(1,2)'"],
  ])
})
