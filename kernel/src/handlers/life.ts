// The kernel's life: interrupt_request and shutdown_request. Both are taken on shell too, where older clients send them.
import { shutdownRestart } from '../protocol/content.ts'
import type { ServiceHandler } from './services.ts'

/** Its reply comes when the cell has ended; ok also if none runs. */
export const interrupt: ServiceHandler = async (_request, services) => {
  await services.interrupt()
  return { content: { status: 'ok' } }
}

/** The reply goes to the channel it came on, and the same to everyone on iopub, so that other clients know. */
export const shutdown: ServiceHandler = ({ message }, services) => {
  const content = { status: 'ok', restart: shutdownRestart(message.content) }
  services.iopub.publish('shutdown_reply', content, message)
  services.shutdown()
  return { content }
}
