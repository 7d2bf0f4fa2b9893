// Turns what user code showed into messages on iopub, during the cell and after it. The parent of a
// message is the request that caused it. Output of a silent cell is not shown. The recorder sees
// what the notebook sees, and of a flood of text also what the notebook leaves out: it has bounds of
// its own, which keep the end.
import type { Parent } from '../protocol/message.ts'
import type { DisplayContent } from '../protocol/mimebundle.ts'
import type { Output } from '../runtime/runtime.ts'
import type { Cause } from './cells.ts'
import { sizeOf } from './display-allowance.ts'
import type { AllowedDisplay } from './display-allowance.ts'
import type { CellServices } from './services.ts'

/** Size by `sizeOf`. Smaller outputs are shown even if a client does not read. */
const BIG = 4096

const UNREAD =
  '\n[a client of this kernel does not read what is shown: big outputs are left out until it does]\n'

type Ports = Pick<CellServices, 'cells' | 'comms' | 'history' | 'iopub' | 'log' | 'recorder'>

export function showOutput(output: Output, ports: Ports): void {
  const cause = ports.cells.cause(output.cellId)
  if (!cause) {
    ports.log(`dropped ${output.type} of a cell that is too long ago`)
    return
  }
  const { iopub, comms, recorder, history } = ports
  const parent = cause.request
  if (cause.silent && output.type !== 'comm') return
  if (output.type === 'stream') recorder.record({ ...output, text: withoutPlaces(output.text) })
  if (!mayShow(output, cause, iopub)) return
  // A comm is part of a widget's state on both sides, not something that the cell shows.
  if (output.type === 'comm') {
    comms.note(output.msgType, output.content)
    const { metadata, buffers } = output
    iopub.publish(output.msgType, output.content, parent, { metadata, buffers })
    return
  }
  if (output.type === 'stream') return showText(output, cause, ports)
  recorder.record(output)
  switch (output.type) {
    case 'display_data':
      return iopub.publish('display_data', display(output.content), parent, {
        buffers: output.buffers ?? [],
      })
    case 'update_display_data':
      return iopub.publish('update_display_data', display(output.content), parent)
    case 'clear_output':
      cause.text.clear()
      cause.displays.clear()
      return iopub.publish('clear_output', { wait: output.wait }, parent)
    case 'execute_result': {
      const text = output.content.data['text/plain']
      if (typeof text === 'string') history.setOutput(cause.executionCount, text)
      const content = { execution_count: cause.executionCount, ...display(output.content) }
      return iopub.publish('execute_result', content, parent)
    }
    case 'error':
      return iopub.publish('error', { ...output.content }, parent)
  }
}

/**
 * Whether the output may be shown: within the cell's allowance, and while clients read. If not, a
 * message takes its place.
 */
function mayShow(output: Output, cause: Cause, iopub: CellServices['iopub']): boolean {
  if (output.type === 'clear_output') return true
  const size = output.type === 'stream' ? output.text.length : sizeOf(output)
  if (iopub.isFull && size > BIG) {
    cause.unread += 1
    if (cause.unread === 1) iopub.stream('stderr', UNREAD, cause.request)
    return false
  }
  const omitted = iopub.isFull ? undefined : endOfUnread(cause)
  if (omitted !== undefined) iopub.stream('stderr', omitted, cause.request)
  const { isShown, notice } = allowed(output, size, cause)
  if (notice !== undefined) iopub.stream('stderr', notice, cause.request)
  return isShown
}

function allowed(output: Output, size: number, { displays }: Cause): AllowedDisplay {
  switch (output.type) {
    case 'display_data':
      return displays.take(size)
    case 'update_display_data':
    case 'execute_result':
    case 'comm':
      return displays.takeReplacing(size)
    default:
      return { isShown: true }
  }
}

function endOfUnread(cause: Cause): string | undefined {
  const { unread } = cause
  cause.unread = 0
  if (unread === 0) return undefined
  return `\n[${unread === 1 ? '1 output was' : `${unread} outputs were`} left out here]\n`
}

/** Text beyond the cell's allowance is left out, and a message on stderr says so. */
function showText(
  output: Extract<Output, { type: 'stream' }>,
  { request, text: allowance }: Cause,
  { iopub }: Ports,
): void {
  const { before, text, after } = allowance.take(withoutPlaces(output.text))
  if (before !== undefined) iopub.stream('stderr', before, request)
  if (text !== '') iopub.stream(output.name, text, request)
  if (after !== undefined) iopub.stream('stderr', after, request)
}

/**
 * Progress bars save and restore the cursor's position. Front ends do not know these sequences and
 * would show the digits.
 */
function withoutPlaces(text: string): string {
  return text.replaceAll('\u001b7', '').replaceAll('\u001b8', '')
}

/** Says how much was left out at the end of a cell that has ended. */
export function showOmission(
  cellId: string,
  { cells, iopub }: Pick<Ports, 'cells' | 'iopub'>,
): void {
  const cause = cells.cause(cellId)
  if (!cause) return
  for (const said of [cause.text.end(), cause.displays.end(), endOfUnread(cause)]) {
    if (said !== undefined) iopub.stream('stderr', said, cause.request)
  }
}

/** Shows a line by the kernel (receipt, warning) with the cell; it is never captured. */
export function showNotice(
  ports: Pick<CellServices, 'iopub'>,
  parent: Parent,
  text: string,
  markdown?: string,
): void {
  const data = {
    'text/plain': text,
    ...(markdown === undefined ? {} : { 'text/markdown': markdown }),
  }
  ports.iopub.publish('display_data', display({ data, metadata: {} }), parent)
}

function display({ data, metadata, transient }: DisplayContent): Record<string, unknown> {
  return { data, metadata, transient: transient ?? {} }
}
