// An element whose text is markdown already, by which `service/markdown` hands on what HTML cannot
// say. `as`: `line` inside a line, `lines` on lines of its own, `apart` outside of lists too,
// `formula` for TeX. In somebody's HTML it can do no more than their markdown could.
export const MARKDOWN_ELEMENT = 'jupyterpost-markdown'

export type MarkdownElementKind = 'line' | 'lines' | 'apart' | 'formula'
