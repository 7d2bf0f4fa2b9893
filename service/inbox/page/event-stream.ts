// Server-sent events by `fetch`, which can send the page's secret; `EventSource` cannot send
// headers.

export interface StreamEvent {
  id: string
  event: string
  data: string
}

/** ms; the relay sends something every 20 s, so a connection silent for longer is dead. */
const SILENT_MS = 60_000

/**
 * The events of a response, until it ends. @throws {Error} if the connection breaks or is silent
 */
export async function* readEvents(
  response: Response,
  stop: AbortController,
): AsyncGenerator<StreamEvent> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) return
  let lines: string[] = []
  let rest = ''
  for (;;) {
    const timer = setTimeout(() => stop.abort(), SILENT_MS)
    const { done, value } = await reader.read().finally(() => clearTimeout(timer))
    if (done) return
    const parts = value.split('\n')
    for (const [n, part] of parts.entries()) {
      rest += part
      if (n === parts.length - 1) break
      if (rest === '') {
        const event = eventOf(lines)
        if (event) yield event
        lines = []
      } else lines.push(rest)
      rest = ''
    }
  }
}

function eventOf(lines: readonly string[]): StreamEvent | undefined {
  const event: StreamEvent = { id: '', event: '', data: '' }
  for (const line of lines) {
    const at = line.indexOf(': ')
    const name = line.slice(0, at)
    if (name === 'id' || name === 'event' || name === 'data') event[name] = line.slice(at + 2)
  }
  return event.data === '' ? undefined : event
}
