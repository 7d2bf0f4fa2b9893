// Wires the parts that run beside user code, in their own realm: see `kernel-realm.ts`.
import process from 'node:process'
import { getHeapStatistics } from 'node:v8'
import type { Bridge, connect } from '../../api/bridge.ts'
import type { names } from '../../api/globals.ts'
import type { receiveComm } from '../../api/comm.ts'
import type { completeMagic, useMagic } from '../../api/magic.ts'
import type { isDisplayHandle } from '../../api/display.ts'
import type { ToChild } from '../link.ts'
import { Autoreload } from './autoreload.ts'
import { Calls } from './calls.ts'
import { CellContext, CellContexts } from './cell-context.ts'
import { stopTimersWithCell } from './cell-timers.ts'
import { Control } from './control.ts'
import type { ControlParts } from './control.ts'
import { Evaluator } from './evaluate.ts'
import { readFirstMessage } from './first-message.ts'
import { installHost } from './host.ts'
import { renewHeld } from './imported-names.ts'
import { LimitedCalls } from './limited-calls.ts'
import { offeredBy } from './magic-completion.ts'
import { showLateErrors } from './late-errors.ts'
import { provideImport } from './jsx-elements.ts'
import { jsonOf, normalizeBundle } from './bundles.ts'
import type { KernelPort } from './kernel-realm.ts'
import { richOf } from './mimebundle.ts'
import { provideModuleNames } from './module-names.ts'
import { MagicActions } from './magic-actions.ts'
import { Measurements } from './measurements.ts'
import { createModules, notebookFile } from './modules.ts'
import { Object, Promise, defineHidden, realm } from '../../api/primordials.ts'
import {
  forgetHalfLoaded,
  keepOwnFilesOpen,
  loadBuiltinsWhole,
  stopFetchWithCell,
  noteAsyncHooks,
} from './node-defaults.ts'
import { useReadableColours } from './readable-colours.ts'
import { complete, inspectAt } from './reflect.ts'
import { Results } from './results.ts'
import { StackTraces, continueStack } from './stack-traces.ts'
import { SecretVariables } from './secret-variables.ts'
import { StandardStreams } from './standard-streams.ts'
import { OutputWriter } from './streams.ts'
import { clearByConsole, moveByReadline } from './terminal.ts'
import { lowerInWorkers } from './worker-files.ts'
import { settled, toUser } from './user-promises.ts'

/** What the main thread hears: messages of the kernel process, and interrupts. */
export type FromControlWorker = ToChild | { type: 'interrupt'; id: number }

/** The parts that belong to the user's realm. */
export interface UserSide {
  connect: typeof connect
  names: typeof names
  receiveComm: typeof receiveComm
  isDisplayHandle: typeof isDisplayHandle
  useMagic: typeof useMagic
  completeMagic: typeof completeMagic
  /** Loads what `post()` needs. */
  loadPosting(): Promise<unknown>
  /** Makes `node:readline` ask by the input box. */
  loadReadline(moveByReadline: (module: object) => void): Promise<void>
}

export interface Start extends ControlParts {
  /** Tells apart what the kernel wrote and what cells wrote. */
  nonce: string
  messages: KernelPort<FromControlWorker>
  user: UserSide
}

export async function start({ nonce, messages, user, ...parts }: Start): Promise<void> {
  const cells = new CellContexts()
  const writer = new OutputWriter(nonce, cells)
  const enterName = `enter_${nonce}`
  const completeName = `complete_${nonce}`
  const limited = new LimitedCalls(`__jupyterpost.${completeName}()`)
  const control = new Control(`__jupyterpost.${enterName}()`, parts)
  const secrets = new SecretVariables(writer)
  const calls = new Calls(cells, writer, control, secrets)
  const cwd = process.cwd()
  const notice = (line: string) => writer.text(2, `[${line}]\n`)
  const modules = createModules(cwd, notice)
  const autoreload = new Autoreload(modules, notice)
  provideModuleNames(notebookFile(cwd), modules.require)
  provideImport((specifier) => modules.import(specifier))
  const bridge = bridgeOf(cells, calls, writer)
  const clearOutput = (wait: boolean) => bridge.output({ type: 'clear_output', wait })
  const streams = new StandardStreams(cells, writer, clearOutput)
  clearByConsole(clearOutput)
  useReadableColours()
  const results = new Results(user.isDisplayHandle)
  const { useMagic, names: kernels } = user
  const actions = new MagicActions({
    autoreload,
    calls,
    modules,
    results,
    writer,
    kernels,
    useMagic,
  })
  const magics = { measurements: new Measurements(cells, writer), actions }
  installHost({ modules, autoreload }, calls, magics, [
    { name: enterName, run: () => control.enter() },
    { name: completeName, run: () => limited.enter() },
  ])
  const evaluator = new Evaluator(
    { cells, control, writer, results, secrets, streams },
    {
      before() {
        renewHeld()
        return autoreload.renew()
      },
      interrupted: () => forgetHalfLoaded(modules.require),
    },
  )
  let placesAsked = 0
  new StackTraces((places) => {
    const id = ++placesAsked
    writer.send({ type: 'places', id, places })
    return control.waitForPlaces(id) ?? []
  }, notebookFile(cwd)).install()
  showLateErrors(cells, writer)
  stopFetchWithCell(cells)
  stopTimersWithCell(cells)
  noteAsyncHooks(control)
  loadBuiltinsWhole(control)
  keepOwnFilesOpen()
  lowerInWorkers(notebookFile(cwd))
  user.connect(bridge)
  for (const [name, value] of Object.entries(user.names)) {
    defineHidden(realm, name, value)
  }
  process.on('exit', (code) => writer.send({ type: 'exit', code }))
  writer.send({ type: 'ready', heapLimit: getHeapStatistics().heap_size_limit })
  // Loaded now, while nobody waits.
  const loaded = Promise.all([
    settled(user.loadPosting()),
    settled(user.loadReadline(moveByReadline)),
  ])

  const receive = async (message: FromControlWorker): Promise<void> => {
    switch (message.type) {
      case 'interrupt':
        control.acknowledge(message.id)
        return evaluator.interrupt(message.id)
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
      case 'complete_magic': {
        const { id, name, words } = message
        const matches = await offeredBy(() => limited.run(() => user.completeMagic(name, words)))
        return writer.send({ type: 'magic_completion', id, matches })
      }
      case 'report':
        secrets.report()
        return writer.send({ type: 'reported', id: message.id })
      case 'comm':
        return takeComm(message)
    }
  }

  /** What the comm's code shows or throws belongs to the message that called it. */
  const takeComm = async (message: Extract<ToChild, { type: 'comm' }>): Promise<void> => {
    const { id, cellId } = message
    const options = { silent: false, allowStdin: false, executionCount: 0, storeHistory: false }
    const context = new CellContext(id, cellId, '', options)
    try {
      await cells.storage.run(context, () => settled(user.receiveComm(message)))
    } finally {
      writer.message({ type: 'done', id }, cellId)
    }
  }

  messages.listen((message) => void receive(message))
  control.hears()
  await loaded
  const first = await readFirstMessage()
  messages.post('read')
  if (first) void receive(first)
}

function bridgeOf(cells: CellContexts, calls: Calls, writer: OutputWriter): Bridge {
  return {
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
      return context?.track(promise) ?? toUser(promise)
    },
    callSync: (method, params) => calls.callSync(method, params),
    cell: () => cells.current(),
    continueStack,
  }
}
