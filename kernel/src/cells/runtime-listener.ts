// What comes from the runtime, also between cells: outputs to show, calls to answer, and its death.
import type { RuntimeListener } from '../runtime/runtime.ts'
import { answerCall } from './calls.ts'
import { showNotice, showOutput } from './outputs.ts'
import type { CellServices } from './services.ts'

export function runtimeListener(services: CellServices): RuntimeListener {
  const { cells, language, posts, recorder, news, log } = services
  return {
    output: (output) => showOutput(output, services),
    call: (call) => answerCall(call, services),
    lost(reason, message) {
      log(`the runtime died outside a cell: ${message}`)
      language.forget()
      language.setPage(false)
      posts.runtimeLost(reason, recorder.previous)
      const { running } = cells
      // The process died while the cell was being compiled.
      if (running && !running.content.silent) showNotice(services, running.request, message)
      else news.push(message)
    },
  }
}
