// The control worker has a thread of its own, so it hears the kernel process whatever the cell
// does: interrupts and answers on fd 4, and on fd 3 what it hands on to the main thread, whose own
// streams a cell may break. It interrupts step by step (a signal in sync code; a message; V8's
// termination; the end of the process) and ends a runtime that has lost its kernel.
import { Session } from 'node:inspector'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import * as threads from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { FrameReader, encodeFrame } from '../link.ts'
import type { ToChild, ToWorker } from '../link.ts'
import type { FromControlWorker } from './start.ts'
import { startedWithin } from './process-group.ts'
import { PHASE, SLOT, clock, heldFrom } from './shared-phase.ts'

const CONTROL_FD = 4
const LINK_FD = 3
/** How often to look, and how long each step waits, in ms, as measured. */
const STEP = 5
const ANSWER_TIME = 100
const CHILDREN_TIME = 50
const GROUP_TIME = 1000
const LAST_WAIT = 2000
/** Node loads a module of its own in far less. */
const HELD_TIME = 2000
const END_TIME = 6000

const start: {
  workerData: {
    shared: SharedArrayBuffer
    messages: MessagePort
    answers: MessagePort
    places: MessagePort
    pid: number
  }
} = threads
const { messages, answers, places, pid } = start.workerData
const shared = new Int32Array(start.workerData.shared)
let interrupting = 0

const socket = new Socket({ fd: CONTROL_FD, readable: true, writable: true })
const reader = new FrameReader<ToWorker>((message) => {
  switch (message.type) {
    case 'interrupt':
      return void interrupt(message.id)
    case 'answer':
      answers.postMessage(message.answer, [])
      return wake(SLOT.answer)
    case 'places':
      places.postMessage(message, [])
      return wake(SLOT.places)
  }
})
socket.on('data', (chunk: Buffer) => reader.push(chunk))
// The kernel process is gone: end the main thread, whatever it does, and what it started.
socket.on('end', endGroup)
socket.on('error', endGroup)

// The main thread reads the first message itself, then says so.
messages.once('message', () => {
  const link = new Socket({ fd: LINK_FD, readable: true, writable: false })
  const linkReader = new FrameReader<ToChild>(tell)
  link.on('data', (chunk: Buffer) => linkReader.push(chunk))
  link.on('error', endGroup)
})

/** Sends to the main thread's event loop. */
function tell(message: FromControlWorker): void {
  messages.postMessage(message, [])
}

/** Wakes the main thread, which waits for what was posted. */
function wake(slot: number): void {
  Atomics.store(shared, slot, 1)
  Atomics.notify(shared, slot)
}

async function interrupt(id: number): Promise<void> {
  if (interrupting === id) return
  interrupting = id
  Atomics.store(shared, SLOT.interrupting, id)
  tell({ type: 'interrupt', id })
  await climb(id)
  await seeItEnd(id)
  interrupting = 0
}

/**
 * The main thread may have lost the message that ends the cell; sent again, it still ends it.
 * Microtasks that the cell left behind may also spin after its end: then no event comes through,
 * not even the next cell.
 */
async function seeItEnd(id: number): Promise<void> {
  const started = performance.now()
  let terminatedAt = started
  // The number is that of no cell: the interrupt is for a callback of one that ended.
  while (Atomics.load(shared, SLOT.execution) === id) {
    const hasEnded = Atomics.load(shared, SLOT.ended) >= id
    const now = performance.now()
    if (hasEnded && Atomics.load(shared, SLOT.told) >= id) return
    // Give up also if the cell heard of the interrupt and runs on: it has ended what it can.
    if (now - started > (hasEnded ? LAST_WAIT : END_TIME)) return giveUp(id)
    await sleep(hasEnded ? STEP : ANSWER_TIME)
    if (!hasEnded) tell({ type: 'interrupt', id })
    else if (now - terminatedAt > ANSWER_TIME && !asyncHooks()) {
      terminatedAt = now
      terminate()
    }
  }
}

/** Climbs until the main thread has heard of the interrupt. */
async function climb(id: number): Promise<void> {
  // What ends a cell would break the start; the kernel process ends one that takes too long.
  while (Atomics.load(shared, SLOT.hears) === 0) await sleep(STEP)
  const started = performance.now()
  const elapsed = () => performance.now() - started
  let signalledAt: number | undefined
  let terminatedAt: number | undefined
  let firstAt: number | undefined
  let childrenAt: number | undefined
  let grouped = false
  const watchHold = endLongHold()
  while (Atomics.load(shared, SLOT.acknowledged) < id) {
    // A late interrupt must not hit the next cell.
    if (Atomics.load(shared, SLOT.execution) > id) return
    const running = Atomics.load(shared, SLOT.execution) === id
    watchHold()
    const phase = Atomics.load(shared, SLOT.phase)
    const waited = elapsed() - Math.max(signalledAt ?? 0, terminatedAt ?? 0)
    if (running && phase === PHASE.sync) {
      if (signal(PHASE.sync, pid)) signalledAt = elapsed()
    } else if (firstAt !== undefined && elapsed() - firstAt > LAST_WAIT) {
      return giveUp(id)
    } else if (phase === PHASE.idle && waited > ANSWER_TIME) {
      // More than once: the first may have come just before the loop of a timer.
      terminatedAt = elapsed()
      if (!asyncHooks()) terminate()
    } else if (
      // The cell's own listener, or a handler in a library, took the signal.
      phase === PHASE.signalled &&
      waited > GROUP_TIME &&
      !asyncHooks() &&
      terminatedAt === undefined
    ) {
      terminatedAt = elapsed()
      terminate()
    } else if (
      childrenAt === undefined &&
      (signalledAt ?? terminatedAt) !== undefined &&
      waited > CHILDREN_TIME
    ) {
      // The main thread waits in native code, for example for a child process: a signal to that
      // process ends the wait.
      childrenAt = signalChildren() ? elapsed() : -GROUP_TIME
    } else if (!grouped && childrenAt !== undefined && elapsed() - childrenAt > GROUP_TIME) {
      grouped = signalGroup(phase)
    }
    firstAt ??= signalledAt ?? terminatedAt
    await sleep(STEP)
  }
}

/** To be called at each step: ends a hold that lasts, in which code of the cell must be running. */
function endLongHold(): () => void {
  let hold: number | undefined
  let since = 0
  return () => {
    const now = performance.now()
    const current = Atomics.load(shared, SLOT.hold)
    if (Atomics.load(shared, SLOT.phase) !== PHASE.held) hold = undefined
    else if (hold !== current) [hold, since] = [current, now]
    else if (now - since > HELD_TIME)
      Atomics.compareExchange(shared, SLOT.phase, PHASE.held, heldFrom(current))
  }
}

/** Sends the signal only while the main thread is known to catch it. */
function signal(from: number, target: number): boolean {
  if (Atomics.compareExchange(shared, SLOT.phase, from, PHASE.claimed) !== from) return false
  process.kill(target, 'SIGINT')
  Atomics.store(shared, SLOT.phase, PHASE.signalled)
  return true
}

/** Signals what the running cell started, nothing older. False if these cannot be told apart. */
function signalChildren(): boolean {
  const children = startedWithin((clock() - Atomics.load(shared, SLOT.startedAt)) >>> 0, pid)
  for (const child of children ?? []) {
    try {
      process.kill(child, 'SIGINT')
    } catch {
      // It ended meanwhile, or belongs to another user (sudo).
    }
  }
  return children !== undefined
}

/**
 * Signals the whole group, as the last step before the runtime is given up. Outside a cell's
 * sync part the runtime's own handler catches the signal.
 */
function signalGroup(phase: number): boolean {
  if (phase === PHASE.signalled) return signal(PHASE.signalled, -pid)
  if (phase === PHASE.idle) process.kill(-pid, 'SIGINT')
  return phase === PHASE.idle
}

/** Says why, and ends the runtime. */
function giveUp(id: number): void {
  socket.write(encodeFrame({ type: 'stuck', id, asyncHooks: asyncHooks() }), endGroup)
}

/** While async hooks are active, V8's termination would abort the process. */
function asyncHooks(): boolean {
  return Atomics.load(shared, SLOT.asyncHooks) !== 0
}

/** Ends what the main thread runs, unless it must not be interrupted just now. */
function terminate(): void {
  Atomics.add(shared, SLOT.terminating, 1)
  if (Atomics.load(shared, SLOT.phase) === PHASE.held) {
    Atomics.sub(shared, SLOT.terminating, 1)
    return
  }
  const session = new Session()
  session.connectToMainThread()
  session.post('Runtime.terminateExecution', () => {
    Atomics.sub(shared, SLOT.terminating, 1)
    session.disconnect()
  })
}

function endGroup(): void {
  process.kill(-pid, 'SIGKILL')
}
