// Decorators in cells are those that the folder's `tsconfig.json` asks for, as in the files that
// cells import.
import { afterAll, expect, test } from '@jest/globals'
import { NotebookFolder } from '../helpers/folder.ts'
import { closeAll } from '../helpers/started.ts'

const OLD =
  '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }'

/** What the libraries of old decorators do, in small. */
const LIBRARY = `
export const known: unknown[] = []
if (!Reflect.metadata) Object.assign(Reflect, { metadata: (key: string, types: unknown) => (_target: object, name?: string) => {
  known.push([key, name ?? 'constructor', [types].flat().map((type) => type.name).join()])
} })
export function Column(): PropertyDecorator { return (_target, name) => { known.push(['column', name]) } }
export function Inject(what: string): ParameterDecorator { return (_target, _name, index) => { known.push(['inject', what, index]) } }
export function Entity(): ClassDecorator { return (target) => { known.push(['entity', target.name]) } }
`

afterAll(closeAll)

test('old ones with metadata, of parameters too, by a file that the tsconfig.json extends', async () => {
  const notebook = await NotebookFolder.open({
    'config/base.json': OLD,
    'tsconfig.json': '{ "extends": "./config/base" /* with a comment */ }',
    'library.ts': LIBRARY,
    'engine.ts': 'export class Engine {}\n',
  })
  const code = `import { Column, Entity, Inject, known } from './library'
    import { Engine } from './engine'
    @Entity() class Car {
      @Column() name!: string
      constructor(@Inject('engine') readonly engine: Engine, private seats: number = 4) {}
    }
    JSON.stringify(known)`
  const found: unknown = JSON.parse((await notebook.shown(code)).slice(1, -1))
  expect(found).toEqual([
    ['design:type', 'name', 'String'],
    ['column', 'name'],
    ['design:paramtypes', 'constructor', 'Engine,Number'],
    ['design:type', 'constructor', 'Function'],
    ['inject', 'engine', 0],
    ['entity', 'Car'],
  ])
})

test('a tsconfig.json that a cell writes or edits counts from the next cell on', async () => {
  const notebook = await NotebookFolder.open()
  const code = `const seen: string[] = []
    function note(_target: unknown, name: unknown) { seen.push(typeof name) }
    class One { @note two = 2 }
    seen.join()`
  expect(await notebook.shown(code)).toBe("'object'")
  await notebook.client.execute(`%%writefile tsconfig.json\n${OLD}`)
  expect(await notebook.shown(code)).toBe("'string'")
  notebook.write({ 'tsconfig.json': '{ "extends": "./base.json" }', 'base.json': '{}' })
  expect(await notebook.shown(code)).toBe("'object'")
  notebook.write({ 'base.json': OLD })
  expect(await notebook.shown(code)).toBe("'string'")
  notebook.write({ 'base.json': '{ oops', 'tsconfig.json': '{ oops' })
  expect(await notebook.shown(code)).toBe("'object'")
})

test('a decorator of a parameter says what the folder lacks', async () => {
  const notebook = await NotebookFolder.open()
  expect(await notebook.shown('class A { constructor(@d readonly b: number) {} }')).toContain(
    'needs "experimentalDecorators": true in tsconfig.json',
  )
})

test('fields are assigned where the folder asks for it', async () => {
  const code = `class Base { constructor() { this.set() } set() {} }
    class Derived extends Base { value?: number; set() { this.value = 1 } }
    new Derived().value`
  const notebook = await NotebookFolder.open()
  expect(await notebook.shown(code)).toBe('')
  notebook.write({ 'tsconfig.json': '{ "compilerOptions": { "useDefineForClassFields": false } }' })
  expect(await notebook.shown(code)).toBe('1')
})

test('classes of several cells keep apart what their decorators need', async () => {
  const notebook = await NotebookFolder.open()
  await notebook.client.execute(
    'const twice = (_: unknown, _context: ClassFieldDecoratorContext) => (n: number) => n * 2\n' +
      'const thrice = (_: unknown, _context: ClassFieldDecoratorContext) => (n: number) => n * 3',
  )
  await notebook.client.execute('class One { @twice n = 1 }')
  await notebook.client.execute('class Two { @thrice n = 1 }')
  expect(await notebook.shown('[new One().n, new Two().n].join()')).toBe("'2,3'")
  expect(await notebook.shown('%who')).toBe('twice  thrice  One  Two\n')
})
