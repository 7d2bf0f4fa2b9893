// A worker of notebook code may be a local TypeScript file with all that such files may have.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { NotebookFolder } from '../helpers/folder.ts'
import { closeAll } from '../helpers/started.ts'

let notebook: NotebookFolder

beforeAll(async () => {
  notebook = await NotebookFolder.open({
    'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
    'src/name.ts': 'export enum Name { Work = "work" }\n',
    'work.ts': `
      import { parentPort, workerData } from 'node:worker_threads'
      import { Name } from '@/name'
      enum Kind { A = 5 }
      parentPort?.postMessage([Kind.A, Name.Work, workerData, process.execArgv.length].slice(0, 3).join())
    `,
    'fails.ts':
      'interface Long {\n  a: 1\n}\nenum Kind { A }\nthrow new Error(`failed ${Kind.A}`)\n',
    'plain.js':
      "require('node:worker_threads').parentPort.postMessage(`plain ${typeof __jupyterpost}`)\n",
    'makes.ts': `
      import { Worker } from 'node:worker_threads'
      export const made = () => new Worker(new URL('./work.ts', import.meta.url), { workerData: 'made' })
    `,
    'node_modules/pool/package.json': '{ "name": "pool", "main": "main.js" }',
    'node_modules/pool/main.js':
      "const { Worker } = require('node:worker_threads'); exports.run = () => new Worker(__dirname + '/own.js')",
    'node_modules/pool/own.js': "require('node:worker_threads').parentPort.postMessage('own')",
  })
  await notebook.shown(`
    import { once } from 'node:events'
    import { Worker } from 'node:worker_threads'
    async function answer(worker: Worker) { const [value] = await once(worker, 'message'); await worker.terminate(); return value }
  `)
})

afterAll(closeAll)

test.each([
  ['a relative path', "new Worker('./work.ts', { workerData: 1 })", "'5,work,1'"],
  ['.js for .ts', "new Worker('./work.js', { workerData: 2 })", "'5,work,2'"],
  [
    'import.meta.url',
    "new Worker(new URL('./work.ts', import.meta.url), { workerData: 3 })",
    "'5,work,3'",
  ],
  ['a local file', "(await import('./makes')).made()", "'5,work,made'"],
  [
    'a class of its own',
    "new (class Own extends Worker {})('./work.ts', { workerData: 4 })",
    "'5,work,4'",
  ],
  ['a JavaScript file', "new Worker('./plain.js')", "'plain undefined'"],
  [
    'code',
    'new Worker(\'require("node:worker_threads").parentPort.postMessage("code")\', { eval: true })',
    "'code'",
  ],
  ['a package', "require('pool').run()", "'own'"],
])('a worker by %s', async (_what, made, value) => {
  expect(await notebook.shown(`await answer(${made})`)).toBe(value)
})

test('a worker is found from another current folder', async () => {
  expect(
    await notebook.shown(
      "process.chdir('src'); await answer(new Worker('./work.ts', { workerData: 5 }))",
    ),
  ).toBe("'5,work,5'")
  await notebook.shown("process.chdir('..')")
})

test('an error in a worker names the line of its file', async () => {
  const text = await notebook.shown("(await once(new Worker('./fails.ts'), 'error'))[0].stack")
  expect(text).toContain('failed 0')
  expect(text).toContain('fails.ts:5')
})

test('a worker is still one to those who ask', async () => {
  const code =
    "const w = new Worker('./plain.js'); [w instanceof Worker, w.constructor.name, Worker.name].join()"
  expect(await notebook.shown(code)).toBe("'true,Worker,Worker'")
})
