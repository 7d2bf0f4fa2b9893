// What the doctor says about one part: how it is and, if there is a problem, what to do.
export interface Finding {
  state: 'ok' | 'problem' | 'note'
  about: string
  text: string
}

export const ok = (about: string, text: string): Finding => ({ state: 'ok', about, text })
export const problem = (about: string, text: string): Finding => {
  return { state: 'problem', about, text }
}
export const note = (about: string, text: string): Finding => ({ state: 'note', about, text })
