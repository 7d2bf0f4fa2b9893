// The picture of a soak: memory and lateness of the event loop, second by second.
import { Converter } from '../../../convert/converter.ts'
import type { Second } from './measured.ts'

const MB = 1024 * 1024

/** @returns A PNG. */
export async function drawSoak(seconds: readonly Second[], title: string): Promise<Uint8Array> {
  const memory = seconds.flatMap(({ rss, heapUsed }, n) => [
    { minute: n / 60, what: 'memory of the process', value: rss / MB },
    { minute: n / 60, what: 'heap in use', value: heapUsed / MB },
  ])
  const lag = seconds.map(({ ownP99 }, n) => ({ minute: n / 60, value: ownP99 }))
  const axis = { field: 'minute', type: 'quantitative', title: 'minutes' }
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title,
    spacing: 8,
    vconcat: [
      {
        width: 620,
        height: 160,
        data: { values: memory },
        mark: { type: 'line', strokeWidth: 1 },
        encoding: {
          x: axis,
          y: { field: 'value', type: 'quantitative', title: 'MB' },
          color: {
            field: 'what',
            type: 'nominal',
            title: null,
            legend: { orient: 'top', labelLimit: 300 },
          },
        },
      },
      {
        title: { text: 'event loop, p99 of each second', fontWeight: 'normal' },
        width: 620,
        height: 120,
        data: { values: lag },
        mark: { type: 'line', strokeWidth: 1 },
        encoding: {
          x: axis,
          y: {
            field: 'value',
            type: 'quantitative',
            title: 'ms late',
          },
        },
      },
    ],
  }
  const converter = new Converter()
  try {
    const drawn = await converter.run(
      { kind: 'vega', spec: JSON.stringify(spec), limits: { pixels: 4e6, bytes: 4e6 } },
      AbortSignal.timeout(60_000),
      { person: 'ada', ms: 0 },
    )
    if (drawn.kind !== 'picture') throw new Error(`It was not drawn: ${JSON.stringify(drawn)}`)
    return drawn.bytes
  } finally {
    await converter.close()
  }
}
