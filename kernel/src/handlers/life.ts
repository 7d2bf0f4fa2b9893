// interrupt_request and shutdown_request. Both are also accepted on shell, where older clients send
// them.
import { shutdownRestart } from '../protocol/content.ts'
import type { ServiceHandler } from './services.ts'

/** Replies when the cell has ended; also ok if no cell runs. */
export const interrupt: ServiceHandler = async (_request, services) => {
  await services.interrupt()
  return { content: { status: 'ok' } }
}

/** The reply goes to the channel of the request, and also to iopub, so that other clients know. */
export const shutdown: ServiceHandler = ({ message }, services) => {
  const content = { status: 'ok', restart: shutdownRestart(message.content) }
  services.iopub.publish('shutdown_reply', content, message)
  services.shutdown()
  return { content }
}
