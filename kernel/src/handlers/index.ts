// The table from message types to handlers, the only place that lists the types. All others go to
// `unknownType`.
import type { Handler } from './handler.ts'
import { comm, commInfo } from './comms.ts'
import { execute } from './execute.ts'
import { history } from './history.ts'
import { complete, inspect, isComplete } from './introspect.ts'
import { connect, kernelInfo } from './kernel-info.ts'
import { interrupt, shutdown } from './life.ts'
import type { ServiceHandler, Services } from './services.ts'
import { usageMeter } from './usage.ts'

export { aborted } from './execute.ts'

// A Map, because anyone may send names such as `__proto__` and `constructor`.
const TABLE: ReadonlyMap<string, ServiceHandler> = new Map([
  ['kernel_info_request', kernelInfo],
  ['connect_request', connect],
  ['execute_request', execute],
  ['is_complete_request', isComplete],
  ['complete_request', complete],
  ['inspect_request', inspect],
  ['history_request', history],
  ['comm_info_request', commInfo],
  ['comm_open', comm('comm_open')],
  ['comm_msg', comm('comm_msg')],
  ['comm_close', comm('comm_close')],
  ['interrupt_request', interrupt],
  ['shutdown_request', shutdown],
])

export function handlersOf(services: Services): ReadonlyMap<string, Handler> {
  const table = new Map([...TABLE, ['usage_request', usageMeter()]])
  return new Map(
    [...table].map(([type, handler]) => [type, (request) => handler(request, services)]),
  )
}
