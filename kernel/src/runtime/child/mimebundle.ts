// A value -> what a front end can show: always text/plain, its rich form if it has one, a tree to
// open if it is too much for text. No value (throwing getters or toJSON, proxies, cycles, huge
// data) makes the cell fail here.
import { types } from 'node:util'
import type { DisplayContent } from '../../protocol/mimebundle.ts'
import { jsxForm } from './jsx-elements.ts'
import { oneLine, plainText } from './plain-text.ts'
import { richForm } from './rich-forms.ts'
import type { Rich } from './rich-forms.ts'
import { valueTree } from './value-tree.ts'

export async function bundleOf(value: unknown): Promise<DisplayContent> {
  return richOf(value)
}

/** @throws what the component of a JSX element throws. */
export function richOf(value: unknown): DisplayContent | Promise<DisplayContent> {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  const markup = isObject ? jsxForm(value) : undefined
  if (markup) {
    return types.isPromise(markup)
      ? markup.then((data) => ({ data, metadata: {} }))
      : { data: markup, metadata: {} }
  }
  const text = plainText(value)
  if (!isObject) return withText(text, undefined)
  try {
    const rich = richForm(value)
    if (!types.isPromise(rich)) return withText(text, rich ?? tree(value, text))
    return rich.then(
      (found) => withText(text, found ?? tree(value, text)),
      (error: unknown) => failed(text, error),
    )
  } catch (error) {
    return failed(text, error)
  }
}

function withText(text: string, rich: Rich | undefined): DisplayContent {
  return { data: { 'text/plain': text, ...rich?.data }, metadata: rich?.metadata ?? {} }
}

function failed(text: string, error: unknown): DisplayContent {
  const reason = `${text}\n[its rich form failed: ${oneLine(error)}]`
  return { data: { 'text/plain': reason }, metadata: {} }
}

function tree(value: object, text: string): Rich | undefined {
  const html = valueTree(value, text)
  return html === undefined ? undefined : { data: { 'text/html': html } }
}
