// What we use of the Language Server Protocol and of TypeScript's own requests (`custom/`, and the
// API session's), in their words. The server is a program of a pinned version, so its answers are
// taken as described here.

/** Both 0-based; `character` counts UTF-16 units. */
export interface Position {
  line: number
  character: number
}

export interface CompletionItem {
  label: string
  /** See `KINDS` in items.ts. */
  kind?: number
  detail?: string
  insertText?: string
  sortText?: string
  textEdit?: { newText: string; range: { start: Position; end: Position } }
}

export type CompletionAnswer = { items: CompletionItem[] } | CompletionItem[] | null

export interface Markup {
  kind: string
  value: string
}

export interface Hover {
  contents: Markup
}

export interface Signature {
  label: string
  documentation?: Markup
  parameters?: Array<{ label: string; documentation?: Markup }>
  activeParameter?: number
}

export interface SignatureHelp {
  signatures: Signature[]
  activeSignature?: number
  activeParameter?: number
}

/** `severity` 1 is an error. */
export interface ServerDiagnostic {
  range: { start: Position; end: Position }
  severity: number
  code: number
  message: string
}

export interface Snapshot {
  snapshot: number
}

export interface Project {
  id: string
}

export interface SymbolHandle {
  name: string
}

export interface TypeHandle {
  id: number
}

export interface MemberAnswer {
  entries: Array<{ name: string; symbol?: { id: number; parent?: number } }>
}

export interface Owned {
  name: string
  /** Name of the class or interface that declares it; undefined if there is only one. */
  owner: string | undefined
}

/** A member as the checker knows it. */
export interface Member extends Owned {
  /** As TypeScript writes it; of the first members only. */
  type: string | undefined
}

/** NoTruncation and UseFullyQualifiedType of TypeScript's NodeBuilderFlags. */
export const WHOLE_TYPES = 1 | 64

/** What the server is told that its client can do. */
export const CAPABILITIES = {
  workspace: { configuration: true },
  textDocument: {
    completion: { completionItem: { documentationFormat: ['markdown'] } },
    hover: { contentFormat: ['markdown'] },
    signatureHelp: {
      signatureInformation: { documentationFormat: ['markdown'], activeParameterSupport: true },
    },
  },
}
