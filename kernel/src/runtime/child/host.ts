// What a cell's script may call: the global `__jupyterpost`, which no cell can change.
import type { CellHost } from '../../cell/compiled.ts'
import type { Autoreload } from './autoreload.ts'
import type { Calls } from './calls.ts'
import { leaveAbsent, reachNames, sealNames } from './declarations.ts'
import { valueOf } from './magic-actions.ts'
import type { MagicActions } from './magic-actions.ts'
import type { Measurements } from './measurements.ts'
import { documentOfCells } from './dom.ts'
import { bindName, holdName, homeOf, missingExport } from './imported-names.ts'
import { oneLine } from './plain-text.ts'
import { moduleValues } from './module-names.ts'
import type { Modules } from './modules.ts'
import { continueStack } from './stack-traces.ts'
import { surroundings } from './surroundings.ts'
import { toUser } from './user-promises.ts'
import {
  Error,
  Object,
  ReferenceError,
  Reflect,
  SyntaxError,
  listOf,
  realm,
} from '../../api/primordials.ts'

/** @param entries - What outer scripts call, each by a name of its own. */
export function installHost(
  { modules, autoreload }: { modules: Modules; autoreload: Autoreload },
  calls: Calls,
  { measurements, actions }: { measurements: Measurements; actions: MagicActions },
  entries: ReadonlyArray<{ name: string; run: () => unknown }>,
): void {
  const host: CellHost = {
    import(specifier, options) {
      const origin = new Error('import')
      return toUser(
        modules.import(specifier, options).then(
          (module) => {
            autoreload.noteModule(module, specifier, options)
            return module
          },
          (error: unknown) => {
            continueStack(error, origin)
            throw error
          },
        ),
      )
    },
    magic(index, values) {
      const origin = new Error('magic')
      const run = async () => {
        const texts: string[] = []
        for (const value of listOf(values)) {
          texts.push(oneLine((await valueOf(value())).value))
        }
        const params = { index, values: texts, surroundings: surroundings() }
        const answer = await calls.call('magic', params)
        try {
          return (await actions.act(answer)).value
        } catch (error) {
          continueStack(error, origin)
          throw error
        }
      }
      return calls.context?.track(run()) ?? toUser(run())
    },
    useMagic: actions.useMagic,
    measure: (kind, options, code) => measurements.measure(kind, options, code),
    home(module, { name, specifier, local, isUsed }) {
      const home = homeOf(module, name)
      if (home) {
        autoreload.noteName(local, { specifier, name, home })
        return home
      }
      if (isUsed) throw new SyntaxError(missingExport(module, name, specifier))
      leaveAbsent(local, () => new ReferenceError(missingExport(module, name, specifier)))
      return undefined
    },
    bind: bindName,
    hold: holdName,
    reach: reachNames,
    seal: sealNames,
    moduleValues,
    get document() {
      return documentOfCells()
    },
    evaluated: (url) => modules.evaluated(url),
    get meta() {
      return modules.meta
    },
  }
  for (const { name, run } of entries) Reflect.defineProperty(host, name, { value: run })
  Reflect.defineProperty(realm, '__jupyterpost', { value: Object.freeze(host) })
}
