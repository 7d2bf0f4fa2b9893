// What handlers may use of the kernel. Built in kernel.ts and handed to each handler, never global.
import type { CellServices } from '../cells/services.ts'
import type { ConnectionInfo } from '../protocol/connection.ts'
import type { Handler } from './handler.ts'

export interface Services extends CellServices {
  connection: ConnectionInfo
  /** Ends the running cell, if any. */
  interrupt(): Promise<void>
  /** Ends the kernel; called when the reply is under way. */
  shutdown(): void
}

export type ServiceHandler = (
  request: Parameters<Handler>[0],
  services: Services,
) => ReturnType<Handler>
