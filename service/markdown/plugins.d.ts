// The plugins of markdown-it ship no types.
declare module 'markdown-it-footnote' {
  import type MarkdownIt from 'markdown-it'
  export default function footnote(markdown: InstanceType<typeof MarkdownIt>): void
}
declare module 'markdown-it-deflist' {
  import type MarkdownIt from 'markdown-it'
  export default function deflist(markdown: InstanceType<typeof MarkdownIt>): void
}
