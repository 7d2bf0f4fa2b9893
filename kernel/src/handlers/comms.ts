// Comms: which are open, for comm_info_request, and the way of a front end's comm messages to the cell that owns them. The
// target's code runs in the runtime; it answers an unknown target with comm_close.
import { commContent, commInfoTarget } from '../protocol/content.ts'
import { idOf } from './cells.ts'
import type { ServiceHandler } from './services.ts'

type CommType = 'comm_open' | 'comm_msg' | 'comm_close'

/** Comm ids -> target names, from whichever side they were opened. */
export class Comms {
  readonly #targets = new Map<string, string>()

  note(msgType: CommType, content: Record<string, unknown>): void {
    const { comm_id: id, target_name: target } = content
    if (typeof id !== 'string') return
    if (msgType === 'comm_open') this.#targets.set(id, typeof target === 'string' ? target : '')
    if (msgType === 'comm_close') this.#targets.delete(id)
  }

  /** @param target - '' for all. */
  list(target: string): Record<string, { target_name: string }> {
    const open = [...this.#targets].filter(([, name]) => target === '' || name === target)
    return Object.fromEntries(open.map(([id, name]) => [id, { target_name: name }]))
  }
}

export const commInfo: ServiceHandler = ({ message }, { comms }) => ({
  content: { status: 'ok', comms: comms.list(commInfoTarget(message.content)) },
})

/** One of the three types. What a handler of the cell shows has this message as its parent. */
export function comm(msgType: CommType): ServiceHandler {
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
