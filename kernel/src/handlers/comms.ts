// The way of a front end's comm messages to the cell that owns them. The target's code runs in the runtime; it answers an unknown
// target with comm_close.
import { commContent, commInfoTarget } from '../protocol/content.ts'
import { idOf } from '../cells/cells.ts'
import type { ServiceHandler } from './services.ts'

export const commInfo: ServiceHandler = ({ message }, { comms }) => ({
  content: { status: 'ok', comms: comms.list(commInfoTarget(message.content)) },
})

/** One of the three types. What a handler of the cell shows has this message as its parent. */
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
