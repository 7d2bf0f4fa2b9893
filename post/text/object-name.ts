// A text/plain that is only a name says nothing to a reader: what else an output has is shown.

/** How Python and IPython name an object that has no text. */
const OBJECT = /^<[\w.]+ (?:object|at 0x[\da-f]+|object at 0x[\da-f]+)>$/i
const NAME = /^<[^<>]*>$/

/** Whether a text only names an object: `<IPython.core.display.Code object>`. */
export function isObjectName(text: string): boolean {
  return OBJECT.test(text.trim())
}

/** Whether a text is only a name, of an object or a figure: `<Figure size 640x480 with 1 Axes>`. */
export function isOnlyName(text: string): boolean {
  return NAME.test(text.trim())
}
