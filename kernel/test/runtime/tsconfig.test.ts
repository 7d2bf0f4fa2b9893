// What the folder's `tsconfig.json` says about imports and decorators holds in imports of cells and
// in local files.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { NotebookFolder } from '../helpers/folder.ts'
import { closeAll } from '../helpers/started.ts'

let notebook: NotebookFolder

beforeAll(async () => {
  notebook = await NotebookFolder.open({
    'tsconfig.json': `{
      // JSON with comments
      "extends": ["./base.json", "./more/other.json"],
      "compilerOptions": { "paths": {
        "@/*": ["./missing/*", "./src/*"],
        "exact": ["./src/exact.ts"],
        "pre-*-post": ["./src/*.js"],
        "typed": ["./src/typed.d.ts"],
        "*": ["./any/*"],
      } },
    }`,
    'base.json': '{ "compilerOptions": { "experimentalDecorators": true } }',
    'more/other.json': '{ "compilerOptions": { "emitDecoratorMetadata": true } }',
    'src/deep/thing.ts':
      "import { exact } from 'exact'\nexport const thing: string = `thing ${exact}`\n",
    'src/exact.ts': 'export const exact: string = "exact"\n',
    'src/typed.d.ts': 'export const typed: string\n',
    'any/known.ts': 'export const known: string = "any"\n',
    'node_modules/typed/package.json': '{ "name": "typed", "main": "main.js" }',
    'node_modules/typed/main.js': 'exports.typed = "the package"',
    'node_modules/maps/package.json': '{ "name": "maps", "main": "main.js" }',
    'node_modules/maps/main.js':
      'try { require("exact") } catch (error) { exports.code = error.code }',
    'based/tsconfig.json': '{ "compilerOptions": { "baseUrl": "./lib" } }',
    'based/lib/lower/name.ts': 'export const name: string = "based"\n',
    'based/use.ts': "export { name } from 'lower/name'\n",
    'broken/tsconfig.json': '{\n  "compilerOptions": {\n    "paths": oops,,\n  }\n}\n',
    'broken/one.ts':
      "import './two'\nimport { typed } from 'typed'\nexport const one: string = typed\n",
    'broken/two.ts': "import 'typed'\nexport const two: number = 2\n",
    'legacy.ts': `
      const design: unknown[] = []
      Object.assign(Reflect, { metadata: (key: string, value: unknown) => () => { design.push(key, value) } })
      function Column(): PropertyDecorator { return (_target, key) => { columns.push(String(key)) } }
      function Inject(name: string): ParameterDecorator { return (_target, _key, index) => { injected.push([name, index]) } }
      function Entity(name: string): ClassDecorator { return (target) => { Object.assign(target, { entity: name }) } }
      const columns: string[] = [], injected: unknown[] = []
      class Engine {}
      @Entity('cars') class Car {
        @Column() name!: string
        @Column() seats: number = 4
        constructor(@Inject('engine') readonly engine: Engine, @Inject('log') private log?: string) {}
      }
      export const all = { columns, injected, entity: Reflect.get(Car, 'entity'), design: design.map((one) => typeof one === 'function' ? one.name : Array.isArray(one) ? one.map((type) => type.name) : one) }
    `,
    'standard/tsconfig.json': '{}',
    'standard/new.ts': `
      const names: string[] = []
      function note(_value: unknown, context: ClassFieldDecoratorContext | ClassDecoratorContext) { names.push(context.kind) }
      @note class One { @note two = 2 }
      export const all = [names, new One().two].flat()
    `,
    'standard/parameters.ts':
      'const p = (..._: unknown[]) => {}\nexport class One {\n  constructor(@p readonly two: number) {}\n}\n',
    'assigned/tsconfig.json': '{ "compilerOptions": { "useDefineForClassFields": false } }',
    'assigned/fields.ts':
      'class Base { constructor() { this.set() } set() {} }\nexport class Derived extends Base { value?: number; set() { this.value = 1 } }\n',
  })
})

afterAll(closeAll)

test.each([
  [
    'a pattern, the second of its paths',
    "import { thing } from '@/deep/thing'; thing",
    "'thing exact'",
  ],
  ['a name', "import { exact } from 'exact'; exact", "'exact'"],
  ['a star in the middle, .js for .ts', "import { exact } from 'pre-exact-post'; exact", "'exact'"],
  ['a star alone', "import { known } from 'known'; known", "'any'"],
  ['require', "require('@/exact').exact", "'exact'"],
  ['import()', "(await import('@/exact')).exact", "'exact'"],
  [
    'a file of declarations leaves the package',
    "import { typed } from 'typed'; typed",
    "'the package'",
  ],
  ['built-in modules are what they are', "import { sep } from 'path'; sep", "'/'"],
  ['packages see no paths', "import maps from 'maps'; maps.code", "'MODULE_NOT_FOUND'"],
  ['baseUrl of the folder of a file', "import { name } from './based/use'; name", "'based'"],
])('paths and baseUrl: %s', async (_what, code, value) => {
  expect(await notebook.shown(code)).toBe(value)
})

test('old decorators with metadata, on parameters too, where the folder asks for them', async () => {
  const text = await notebook.shown(
    "import { all } from './legacy'; console.log(JSON.stringify(all))",
  )
  expect(JSON.parse(text)).toEqual({
    columns: ['name', 'seats'],
    injected: [
      ['log', 1],
      ['engine', 0],
    ],
    entity: 'cars',
    design: [
      'design:type',
      'String',
      'design:type',
      'Number',
      'design:paramtypes',
      ['Engine', 'String'],
      'design:type',
      'Function',
    ],
  })
})

test('standard decorators where it does not', async () => {
  expect(await notebook.shown("import { all } from './standard/new'; all.join()")).toBe(
    "'field,class,2'",
  )
})

test('a decorator of a parameter that the folder does not ask for names its line', async () => {
  const traceback = await notebook.traceback("import './standard/parameters'")
  expect(traceback).toContain('parameters.ts:3')
  expect(traceback).toContain('needs "experimentalDecorators": true in tsconfig.json')
})

test('fields are assigned where the folder asks for it', async () => {
  expect(
    await notebook.shown("import { Derived } from './assigned/fields'; new Derived().value"),
  ).toBe('1')
})

test('a broken tsconfig.json is ignored with one line, which names its line', async () => {
  const code = "import { one } from './broken/one'; one"
  const first = await notebook.notices(code)
  expect(first).toMatch(/^\[\/.*\/broken\/tsconfig\.json is ignored: line 3: .*\]\n$/)
  expect(await notebook.shown(code)).toBe("'the package'")
  expect(await notebook.notices(code)).toBe('')
})

test('an edited tsconfig.json counts for the next cell', async () => {
  notebook.write({ 'later/tsconfig.json': '{}', 'later/use.ts': "export { exact } from 'late'" })
  const code = "import { exact } from './later/use'; exact"
  expect(await notebook.shown(code)).toContain("Cannot find package 'late'")
  notebook.write({
    'later/tsconfig.json': '{ "compilerOptions": { "paths": { "late": ["../src/exact"] } } }',
  })
  expect(await notebook.shown(code)).toBe("'exact'")
})
