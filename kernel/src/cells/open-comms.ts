// The open comms, whichever side opened them, for comm_info_request.
type CommType = 'comm_open' | 'comm_msg' | 'comm_close'

/** Comm id -> target name. */
export class Comms {
  readonly #targets = new Map<string, string>()

  note(msgType: CommType, content: Record<string, unknown>): void {
    const { comm_id: id, target_name: target } = content
    if (typeof id !== 'string') return
    if (msgType === 'comm_open') this.#targets.set(id, typeof target === 'string' ? target : '')
    if (msgType === 'comm_close') this.#targets.delete(id)
  }

  /** @param target - Empty for all. */
  list(target: string): Record<string, { target_name: string }> {
    const open = [...this.#targets].filter(([, name]) => target === '' || name === target)
    return Object.fromEntries(open.map(([id, name]) => [id, { target_name: name }]))
  }
}
