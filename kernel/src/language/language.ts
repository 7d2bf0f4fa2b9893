// The port to what knows the language: completion and inspection while a person types. Positions
// are UTF-16 offsets into the cell.
import type { MimeBundle } from '../protocol/mimebundle.ts'
import type { Completion } from '../runtime/runtime.ts'

export interface LanguageService {
  complete(code: string, cursor: number): Promise<Completion>
  /** Undefined if nothing is known about what is there. */
  inspect(code: string, cursor: number, detailLevel: 0 | 1): Promise<MimeBundle | undefined>
}
