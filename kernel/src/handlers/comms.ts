// Passes a front end's comm messages on to the runtime, where the target's code runs. The runtime
// answers an unknown target with comm_close.
import { commContent, commInfoTarget } from '../protocol/content.ts'
import { idOf } from '../cells/cells.ts'
import type { ServiceHandler } from './services.ts'

export const commInfo: ServiceHandler = ({ message }, { comms }) => ({
  content: { status: 'ok', comms: comms.list(commInfoTarget(message.content)) },
})

/**
 * Handles one of the three types. Output of the handler in the cell has this message as its parent.
 */
export function comm(msgType: 'comm_open' | 'comm_msg' | 'comm_close'): ServiceHandler {
  return async ({ message }, { cells, comms, runtime }) => {
    const content = commContent(message.content)
    const id = idOf(message)
    cells.remember({ id, request: message, silent: false, executionCount: cells.count })
    comms.note(msgType, content)
    const { metadata, buffers } = message
    await runtime.comm(msgType, { cellId: id, content, metadata, buffers })
    return undefined
  }
}
