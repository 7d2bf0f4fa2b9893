// `name?` and `?name`: a cell that asks what a name is. No TypeScript begins or ends like this.

export interface InspectionCell {
  /** `Math.floor` */
  name: string
  /** 1 for `??`, which adds the source. */
  detailLevel: 0 | 1
}

const asked =
  /^(\?{0,2})\s*([\p{ID_Start}$_][\p{ID_Continue}$]*(?:\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*)\s*(\?{0,2})$/u

/** Undefined if the cell is anything else. */
export function parseInspection(source: string): InspectionCell | undefined {
  const text = source.trim()
  if (!text.startsWith('?') && !text.endsWith('?')) return undefined
  const [, before = '', name, after = ''] = asked.exec(text) ?? []
  if (name === undefined || (before !== '' && after !== '')) return undefined
  return { name, detailLevel: before === '??' || after === '??' ? 1 : 0 }
}
