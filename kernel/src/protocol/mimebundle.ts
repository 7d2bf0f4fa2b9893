// Types for what a cell shows, shared by every part of the kernel.

/** Mime type -> representation; text as a string, JSON types as JSON, binary as base64. */
export type MimeBundle = Record<string, unknown>

export interface DisplayContent {
  data: MimeBundle
  metadata: Record<string, unknown>
  transient?: { display_id?: string }
}

export interface ErrorContent {
  ename: string
  evalue: string
  /** ANSI allowed; the last entry is `ename: evalue`. */
  traceback: string[]
}

/** Begins the HTML of a value's tree: a post can tell it from the user's HTML, and use the text. */
export const VALUE_TREE = '<div class="jupyterpost-value"'
