// Words that every part of the kernel shares for what a cell shows.

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

/** Begins the HTML of a value's tree, so that a post can tell it from HTML of the user's: the text beside it says the same. */
export const VALUE_TREE = '<div class="jupyterpost-value"'
