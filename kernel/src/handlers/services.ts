// What handlers may use of the kernel; made by kernel.ts, given to each handler, never global.
import type { CellServices } from '../cells/services.ts'
import type { ConnectionInfo } from '../protocol/connection.ts'
import type { Handler } from './handler.ts'

export interface Services extends CellServices {
  connection: ConnectionInfo
  /** Ends the running cell, if any. */
  interrupt(): Promise<void>
  /** Called once the reply is on its way: ends the kernel. */
  shutdown(): void
}

export type ServiceHandler = (
  request: Parameters<Handler>[0],
  services: Services,
) => ReturnType<Handler>
