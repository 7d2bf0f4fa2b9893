// The runtime process: user code on this thread, messages of the kernel process on fd 3. Wires the child's parts; everything that
// shows it is no plain Node (arguments, flags, the link) is taken away before the first cell.
import { Socket } from 'node:net'
import process from 'node:process'
import { getHeapStatistics } from 'node:v8'
import { connect } from '../../api/bridge.ts'
import * as api from '../../api/globals.ts'
import { receiveComm } from '../../api/comm.ts'
import { loadPosting } from '../../api/post.ts'
import { FrameReader } from '../link.ts'
import type { ToChild } from '../link.ts'
import { Calls } from './calls.ts'
import { CellContext, Cells } from './cell-context.ts'
import { stopTimersWithCell } from './cell-timers.ts'
import { Control } from './control.ts'
import { Evaluator, Results } from './evaluate.ts'
import { installHost } from './host.ts'
import { showLateErrors } from './late-errors.ts'
import { jsonOf, normalizeBundle } from './bundles.ts'
import { richOf } from './mimebundle.ts'
import { installStdin } from './asked-input.ts'
import { createModules, notebookFile } from './modules.ts'
import { Object, Promise, Reflect, realm } from '../../api/primordials.ts'
import {
  forgetHalfLoaded,
  loadBuiltinsWhole,
  stopFetchWithCell,
  watchAsyncHooks,
} from './node-defaults.ts'
import { complete, inspectAt } from './reflect.ts'
import { StackTraces, continueStack } from './stack-traces.ts'
import { SecretVariables } from './secret-variables.ts'
import { actAsTerminal, clearByConsole } from './terminal.ts'
import { OutputWriter } from './streams.ts'

const LINK_FD = 3

const nonce = process.argv[2] ?? ''
process.argv.length = 1
process.execArgv.length = 0

const cells = new Cells()
const writer = new OutputWriter(nonce, cells)
writer.takeOver()
const enterName = `enter_${nonce}`
const control = new Control(`__jupyterpost.${enterName}()`, (id) => evaluator.interrupt(id))
const secrets = new SecretVariables(writer)
const calls = new Calls(cells, writer, control, secrets)
let placesAsked = 0
const modules = createModules(process.cwd())
installHost(modules, calls, { name: enterName, run: () => control.enter() })
const evaluator = new Evaluator(cells, control, writer, new Results(), secrets, () =>
  forgetHalfLoaded(modules.require),
)
new StackTraces((places) => {
  const id = ++placesAsked
  writer.send({ type: 'places', id, places })
  return control.waitForPlaces(id) ?? []
}, notebookFile(process.cwd())).install()
showLateErrors(cells, writer)
stopFetchWithCell(cells)
stopTimersWithCell(cells)
watchAsyncHooks(control)
loadBuiltinsWhole(control)
actAsTerminal(process.stdout, writer.lines[1])
actAsTerminal(process.stderr, writer.lines[2])
clearByConsole()
installStdin()

connect({
  output(output) {
    const cellId = cells.current()?.cellId ?? ''
    writer.message({ type: 'output', cellId, output }, cellId)
  },
  bundle: richOf,
  normalize: normalizeBundle,
  json: jsonOf,
  track: (promise) => cells.current()?.track(promise) ?? promise,
  call: (method, params) => {
    const { context } = calls
    const promise = calls.call(method, params)
    return context?.track(promise) ?? promise
  },
  callSync: (method, params) => calls.callSync(method, params),
  cell: () => cells.current(),
  continueStack,
})
for (const [name, value] of Object.entries({ ...api.names, require: modules.require })) {
  Reflect.defineProperty(realm, name, {
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  })
}
for (const [name, value] of Object.entries({
  __dirname: process.cwd(),
  __filename: `${process.cwd()}/notebook.ts`,
})) {
  Reflect.defineProperty(realm, name, {
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  })
}

const link = new Socket({ fd: LINK_FD, readable: true, writable: false })
const inbox: ToChild[] = []
const reader = new FrameReader<ToChild>((message) => inbox.push(message))
link.on('data', (chunk: Buffer) => {
  // Bytes of half a message would be lost for good.
  control.hold(() => reader.push(chunk))
  for (let message = inbox.shift(); message; message = inbox.shift()) void receive(message)
})
process.on('exit', (code) => writer.send({ type: 'exit', code }))
writer.send({ type: 'ready', heapLimit: getHeapStatistics().heap_size_limit })
// While nobody waits yet.
const loaded = Promise.all([
  loadPosting(),
  // Takes 10 ms.
  import('./readline-questions.ts').then(({ askByReadline }) => askByReadline()),
])

async function receive(message: ToChild): Promise<void> {
  switch (message.type) {
    case 'execute':
    case 'evaluate':
      await loaded
      return evaluator.execute(message)
    case 'answer':
      return calls.answer(message.id, message.answer)
    case 'complete': {
      const completion = complete(message.code, message.cursor)
      return writer.send({ type: 'completion', id: message.id, completion })
    }
    case 'inspect': {
      const data = inspectAt(message.code, message.cursor, message.detailLevel)
      return writer.send({ type: 'inspection', id: message.id, data })
    }
    case 'report':
      secrets.report()
      return writer.send({ type: 'reported', id: message.id })
    case 'comm':
      return takeComm(message)
  }
}

/** What the comm's code shows belongs to the message that called it, also what it throws. */
async function takeComm(message: Extract<ToChild, { type: 'comm' }>): Promise<void> {
  const { id, cellId } = message
  const options = { silent: false, allowStdin: false, executionCount: 0, storeHistory: false }
  try {
    await cells.storage.run(new CellContext(id, cellId, '', options), () => receiveComm(message))
  } finally {
    writer.message({ type: 'done', id }, cellId)
  }
}
