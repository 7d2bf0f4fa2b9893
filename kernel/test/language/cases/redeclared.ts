// Every kind of declaration followed, in the next cell, by every kind of the same name. The newest
// counts; what only means a type ends no value, and the other way round.
import type { Otherwise, Scenario } from './scenario.ts'

type Meaning = 'value' | 'type' | 'both'

interface DeclarationKind {
  meaning: Meaning
  /** @param member - What the declaration has, by which it is known. */
  text: (name: string, member: string) => string
  /** What is typed to see it. */
  use: (name: string) => string
}

const member = (name: string): string => `${name}.¦`
const ofType = (name: string): string => `declare const one: ${name}; one.¦`

const DECLARED: Readonly<Record<string, DeclarationKind>> = {
  let: { meaning: 'value', text: (name, has) => `let ${name} = { ${has}: 1 }`, use: member },
  const: { meaning: 'value', text: (name, has) => `const ${name} = { ${has}: 1 }`, use: member },
  var: { meaning: 'value', text: (name, has) => `var ${name} = { ${has}: 1 }`, use: member },
  function: {
    meaning: 'value',
    text: (name, has) => `function ${name}() { return { ${has}: 1 } }`,
    use: (name) => `${name}().¦`,
  },
  class: {
    meaning: 'both',
    text: (name, has) => `class ${name} { ${has} = 1 }`,
    use: (name) => `new ${name}().¦`,
  },
  interface: {
    meaning: 'type',
    text: (name, has) => `interface ${name} { ${has}: 1 }`,
    use: ofType,
  },
  type: { meaning: 'type', text: (name, has) => `type ${name} = { ${has}: 1 }`, use: ofType },
  enum: { meaning: 'both', text: (name, has) => `enum ${name} { ${has} }`, use: member },
  namespace: {
    meaning: 'both',
    text: (name, has) => `namespace ${name} { export const ${has} = 1 }`,
    use: member,
  },
  import: {
    meaning: 'both',
    text: (name, has) => `import * as ${name} from './${has}.ts'`,
    use: member,
  },
}

const pairs = Object.entries(DECLARED).flatMap(([firstKind, first]) =>
  Object.entries(DECLARED).map(([secondKind, second]) => {
    return { name: `${firstKind}_${secondKind}`, first, second }
  }),
)

export const redeclared: Scenario = {
  name: 'redeclared',
  files: {
    'first.ts': 'export const first = 1\n',
    'second.ts': 'export const second = 1\n',
  },
  before: [
    pairs.map(({ name, first }) => first.text(name, 'first')).join('\n'),
    pairs.map(({ name, second }) => second.text(name, 'second')).join('\n'),
  ],
  complete: [
    ...pairs.map(({ name, second }): Otherwise => {
      const cell = second.use(name)
      return { cell, file: `${second.text(name, 'second')}\n${cell}` }
    }),
    // What is only a value and what is only a type are there side by side.
    ...pairs
      .filter(({ first, second }) => {
        const meanings = [first.meaning, second.meaning]
        return meanings.includes('value') && meanings.includes('type')
      })
      .map(({ name, first }): Otherwise => {
        const cell = first.use(name)
        return { cell, file: `${first.text(name, 'first')}\n${cell}` }
      }),
  ],
}

export const edited: Scenario = {
  name: 'edited',
  before: [
    `class Base { first = 1; self() { return this } }
interface Shape { first: 1 }
enum Colour { First }
type Alias = { first: 1 }
let counter = { first: 1 }`,
    `class Derived extends Base { own = 1 }
const object = new Base()
function made(): Shape { return { first: 1 } }
const shapes: Shape[] = []
interface Wider extends Shape { wide: 1 }
const colour = Colour.First
type Both = Alias & { both: 1 }
namespace Space { export const inside: Base = object }
const copy = counter
function later() { return counter }`,
    `class Base { second = 1 }
interface Shape { second: 1 }
enum Colour { Second, Third }
type Alias = { second: 1 }
let counter = { second: 1 }`,
    `class Again extends Base { again = 1 }
const fresh = new Base()`,
    `class Base { third = 1 }`,
  ],
  complete: [
    [
      'new Derived().¦',
      'class Base { first = 1; self() { return this } }\nclass Derived extends Base { own = 1 }',
    ],
    ['object.¦', 'class Base { first = 1; self() { return this } }\nconst object = new Base()'],
    ['new Base().¦', 'class Base { third = 1 }'],
    ['new Again().¦', 'class Base { second = 1 }\nclass Again extends Base { again = 1 }'],
    ['fresh.¦', 'class Base { second = 1 }\nconst fresh = new Base()'],
    ['class Other extends Base { m() { this.¦ } }', 'class Base { third = 1 }'],
    ['made().¦', 'declare function made(): { first: 1 }'],
    ['shapes[0]!.¦', 'declare const shapes: { first: 1 }[]'],
    ['declare const s: Shape; s.¦', 'interface Shape { second: 1 }'],
    ['declare const w: Wider; w.¦', 'interface Wider { first: 1; wide: 1 }'],
    ['Colour.¦', 'enum Colour { Second, Third }'],
    ['declare const b: Both; b.¦', 'type Both = { first: 1 } & { both: 1 }'],
    ['declare const a: Alias; a.¦', 'type Alias = { second: 1 }'],
    [
      'Space.inside.¦',
      'class Base { first = 1; self() { return this } }\nnamespace Space { export declare const inside: Base }',
    ],
    ['copy.¦', 'const copy = { first: 1 }'],
    ['counter.¦', 'let counter = { second: 1 }'],
  ].map(([cell = '', before = '']): Otherwise => ({ cell, file: `${before}\n${cell}` })),
  inspect: [
    { cell: 'obj¦ect', file: 'class Base {}\nconst object = new Base()\nobj¦ect' },
    { cell: 'mad¦e', file: 'interface Shape {}\ndeclare function made(): Shape\nmad¦e' },
    { cell: 'fres¦h', file: 'class Base {}\nconst fresh = new Base()\nfres¦h' },
  ],
  diagnostics: [
    ['new Derived().first.toFixed()', 'class Base { first = 1 } class Derived extends Base {}'],
    ['new Derived().second', 'class Base { first = 1 } class Derived extends Base {}'],
    ['new Base().third.toFixed()', 'class Base { third = 1 }'],
    ['new Base().first', 'class Base { third = 1 }'],
    [
      'object.self().first.toFixed()',
      'class Base { first = 1; self() { return this } } const object = new Base();',
    ],
    ['fresh.second.toFixed()', 'class Base { second = 1 } const fresh = new Base();'],
    [
      'const one: Shape = made()',
      'interface Shape { second: 1 } declare function made(): { first: 1 };',
    ],
    ['counter = { second: 2 }', 'let counter = { second: 1 };'],
    ['counter = { first: 2 }', 'let counter = { second: 1 };'],
    ['counter.second++', 'let counter = { second: 1 };'],
    ['const c: Colour = Colour.Third', 'enum Colour { Second, Third }'],
    ['Colour.First', 'enum Colour { Second, Third }'],
    [
      'class Last extends Again { m() { return this.second + this.again } }',
      'class Again { second = 1; again = 1 }',
    ],
  ].map(([cell = '', before = '']): Otherwise => ({ cell, file: `${before} ${cell}` })),
}
