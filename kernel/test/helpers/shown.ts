// What an answer of a kernel shows.
import type { Answer } from './client.ts'

export function textOf({ iopub }: Answer, name: 'stdout' | 'stderr' = 'stdout'): string {
  return iopub
    .filter(({ content }) => content['name'] === name)
    .map(({ content }) => content['text'])
    .join('')
}

/** The mimebundles that were displayed, or the result. */
export function bundles(
  { iopub }: Answer,
  type: 'display_data' | 'execute_result' = 'display_data',
): unknown[] {
  return iopub
    .filter(({ header }) => header.msg_type === type)
    .map(({ content }) => content['data'])
}
