// The control worker: lives on its own thread, so that it hears the kernel process whatever the cell does: on fd 4 interrupts and answers,
// on fd 3 what it hands on to the main thread, whose own streams a cell may break. It interrupts by a ladder (a signal in sync code; a message;
// V8's termination; the end of the process) and ends an orphaned runtime.
import { Session } from 'node:inspector'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import * as threads from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { FrameReader, encodeFrame } from '../link.ts'
import type { ToChild, ToWorker } from '../link.ts'
import type { FromControlWorker } from './start.ts'
import { startedWithin } from './process-group.ts'
import { PHASE, SLOT, clock } from './shared-phase.ts'

const CONTROL_FD = 4
const LINK_FD = 3
/** How often the ladder looks, how long each step waits; facts of measurement, in ms. */
const STEP = 5
const ANSWER_TIME = 100
const CHILDREN_TIME = 50
const GROUP_TIME = 1000
const LAST_WAIT = 2000
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
// The kernel process is gone: whatever the main thread does, end it and the processes it started.
socket.on('end', endGroup)
socket.on('error', endGroup)

// The main thread reads the first message itself, and says when it has.
messages.once('message', () => {
  const link = new Socket({ fd: LINK_FD, readable: true, writable: false })
  const linkReader = new FrameReader<ToChild>(tell)
  link.on('data', (chunk: Buffer) => linkReader.push(chunk))
  link.on('error', endGroup)
})

/** To the main thread's event loop. */
function tell(message: FromControlWorker): void {
  messages.postMessage(message, [])
}

/** The main thread waits for what was posted. */
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
 * The main thread may have lost what was to end the cell: told again, it ends it all the same. And microtasks that the cell left behind may
 * spin although it ended: no event comes through, not even the next cell.
 */
async function seeItEnd(id: number): Promise<void> {
  const started = performance.now()
  let terminatedAt = started
  // Meant for no cell, but for a callback of one that ended.
  while (Atomics.load(shared, SLOT.execution) === id) {
    const hasEnded = Atomics.load(shared, SLOT.ended) >= id
    const now = performance.now()
    if (hasEnded && Atomics.load(shared, SLOT.told) >= id) return
    // Also one that heard of the interrupt and whose cell goes on: it has ended what it can by now.
    if (now - started > (hasEnded ? LAST_WAIT : END_TIME)) return giveUp(id)
    await sleep(hasEnded ? STEP : ANSWER_TIME)
    if (!hasEnded) tell({ type: 'interrupt', id })
    else if (now - terminatedAt > ANSWER_TIME && !asyncHooks()) {
      terminatedAt = now
      terminate()
    }
  }
}

/** Until the main thread heard of the interrupt. */
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
  while (Atomics.load(shared, SLOT.acknowledged) < id) {
    // A late interrupt must not hit the next cell.
    if (Atomics.load(shared, SLOT.execution) > id) return
    const running = Atomics.load(shared, SLOT.execution) === id
    const phase = Atomics.load(shared, SLOT.phase)
    const waited = elapsed() - Math.max(signalledAt ?? 0, terminatedAt ?? 0)
    if (running && phase === PHASE.sync) {
      if (signal(PHASE.sync, pid)) signalledAt = elapsed()
    } else if (firstAt !== undefined && elapsed() - firstAt > LAST_WAIT) {
      return giveUp(id)
    } else if (phase === PHASE.idle && waited > ANSWER_TIME) {
      // Again and again: the first may have come just before the loop of a timer.
      terminatedAt = elapsed()
      if (!asyncHooks()) terminate()
    } else if (
      // Something of the cell's took the signal: a listener of its own, a library's handler.
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
      // The main thread waits in native code, for example for a child process, which a signal ends too.
      childrenAt = signalChildren() ? elapsed() : -GROUP_TIME
    } else if (!grouped && childrenAt !== undefined && elapsed() - childrenAt > GROUP_TIME) {
      grouped = signalGroup(phase)
    }
    firstAt ??= signalledAt ?? terminatedAt
    await sleep(STEP)
  }
}

/** Signals only while the main thread is known to catch it. */
function signal(from: number, target: number): boolean {
  if (Atomics.compareExchange(shared, SLOT.phase, from, PHASE.claimed) !== from) return false
  process.kill(target, 'SIGINT')
  Atomics.store(shared, SLOT.phase, PHASE.signalled)
  return true
}

/** The processes that the running cell started: a server of an earlier cell lives on. False if they cannot be told apart. */
function signalChildren(): boolean {
  const children = startedWithin((clock() - Atomics.load(shared, SLOT.startedAt)) >>> 0, pid)
  for (const child of children ?? []) {
    try {
      process.kill(child, 'SIGINT')
    } catch {
      // It ended meanwhile, or belongs to somebody else (sudo).
    }
  }
  return children !== undefined
}

/** All of them, before the runtime is given up. Outside of a cell's sync part the runtime's own handler catches it. */
function signalGroup(phase: number): boolean {
  if (phase === PHASE.signalled) return signal(PHASE.signalled, -pid)
  if (phase === PHASE.idle) process.kill(-pid, 'SIGINT')
  return phase === PHASE.idle
}

/** Says why, and ends the runtime. */
function giveUp(id: number): void {
  socket.write(encodeFrame({ type: 'stuck', id, asyncHooks: asyncHooks() }), endGroup)
}

/** V8's termination would abort the process while async hooks are active. */
function asyncHooks(): boolean {
  return Atomics.load(shared, SLOT.asyncHooks) !== 0
}

function terminate(): void {
  const session = new Session()
  session.connectToMainThread()
  session.post('Runtime.terminateExecution', () => session.disconnect())
}

function endGroup(): void {
  process.kill(-pid, 'SIGKILL')
}
