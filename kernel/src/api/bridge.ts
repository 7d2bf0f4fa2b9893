// Connects the names that notebook code sees with the runtime they run in. Outside a notebook
// nothing is connected, and a call says so.
import type { DisplayContent, MimeBundle } from '../protocol/mimebundle.ts'
import { Error } from './primordials.ts'

/** What notebook code shows, as the runtime sends it. */
export type ApiOutput =
  | { type: 'display_data'; content: DisplayContent }
  | { type: 'update_display_data'; content: DisplayContent }
  | { type: 'clear_output'; wait: boolean }
  | {
      type: 'comm'
      msgType: 'comm_open' | 'comm_msg' | 'comm_close'
      content: Record<string, unknown>
      metadata: Record<string, unknown>
      buffers: Uint8Array[]
    }

/** The cell that caused the code that runs now. */
export interface CurrentCell {
  readonly cellId: string
  readonly options: { readonly executionCount: number; readonly allowStdin: boolean }
  readonly abort: AbortController
}

export interface Bridge {
  output(output: ApiOutput): void
  /** How to show a value; a promise if making that form takes time. */
  bundle(value: unknown): DisplayContent | Promise<DisplayContent>
  /** A mimebundle from user code -> one that can be sent. */
  normalize(bundle: object): MimeBundle
  json(value: unknown): unknown
  /** The cell waits for it before it ends; an unhandled failure is the cell's. */
  track<Value>(promise: Promise<Value>): Promise<Value>
  call(method: string, params: unknown): Promise<unknown>
  callSync(method: string, params: unknown): unknown
  cell(): CurrentCell | undefined
  /** The error came from the call that `origin` was made for: its frames lead back to the cell. */
  continueStack(error: unknown, origin: Error): void
}

let connected: Bridge | undefined

export function connect(runtime: Bridge): void {
  connected = runtime
}

/** Whether this code runs in a notebook of jupyterpost. */
export function isConnected(): boolean {
  return connected !== undefined
}

/** @throws {Error} outside a notebook. */
export function bridge(name: string): Bridge {
  if (!connected) {
    throw new Error(
      `${name} works only in a notebook: run this code in a cell of the jupyterpost kernel`,
    )
  }
  return connected
}

/**
 * Asks the kernel process. `params` and the answer are copied (structured clone of v8.serialize):
 * Uint8Arrays pass unchanged, functions are refused. The cell waits for the answer before it ends,
 * even if its code does not.
 *
 * @throws {Error} with the name and message that the kernel process rejected with.
 */
export async function call(method: string, params: unknown): Promise<unknown> {
  return bridge(method).call(method, params)
}
