// How the page makes its elements: text is always a text node, and no attribute's name comes from
// outside. The page has no other way to make elements; nothing writes HTML.

export type Child = Node | string

/** An element with attributes and children; undefined attributes are left out. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** A button that is replaced by its content when clicked. */
export function makeLater(label: string, content: () => Child): HTMLButtonElement {
  const button = make('button', { type: 'button', class: 'more' }, label)
  button.addEventListener('click', () => button.replaceWith(content()), { once: true })
  return button
}

/** UTF-16 units; text that nobody reads to its end is shown on demand. */
const MOST_TEXT = 200_000

/** Source code or plain text; focusable, because it scrolls. */
export function makePre(
  text: string,
  attributes: Readonly<Record<string, string | undefined>>,
): HTMLPreElement {
  const whole = text.endsWith('\n') ? text.slice(0, -1) : text
  const pre = make('pre', { tabindex: '0', ...attributes }, whole.slice(0, MOST_TEXT))
  if (whole.length > MOST_TEXT) {
    const left = whole.length - MOST_TEXT
    pre.append(makeLater(`… ${left} more characters`, () => whole.slice(MOST_TEXT)))
  }
  return pre
}
