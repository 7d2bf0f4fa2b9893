// `%magic`: how magics work, and the list of them.
import { magicRows } from './lsmagic.ts'
import type { Magic } from './magic.ts'

const TEXT = `A magic is a line that begins with % (a line magic), or a first line that begins with %% (a cell
magic, which takes the whole cell). A line magic runs when the code gets there.

  %env HOME            a line magic
  %%sh                 a cell magic: the lines below it are a script
  ! ls                 short for %sh ls
  %env? and ?%env      the help of one, also %env --help
  %cd \${folder}        a value of the notebook is filled in

A % that goes on from the line before is modulo, as always. Further magics are made in a cell, by
registerMagic of 'jupyterpost'.`

export function overviewMagic(magics: () => readonly Magic[]): Magic {
  return {
    name: 'magic',
    summary: 'Explains magics and lists them.',
    line: {
      usage: '%magic',
      flags: [],
      words: 0,
      run(_args, context) {
        context.notice(`${TEXT}\n\n${magicRows(magics())}`)
        return Promise.resolve()
      },
    },
  }
}
