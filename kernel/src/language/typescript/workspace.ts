// What questions and checks share: the server with its virtual documents in the notebook's folder,
// the names of the cells that ran, and the files of the program.
import { join } from 'node:path'
import type { LanguageOptions } from '../language.ts'
import {
  CONFIGURATION,
  GLOBALS,
  configurationState,
  configurationText,
  globalsText,
  hasOwnOptions,
} from './configuration.ts'
import { EarlierCells, RAN } from './earlier-cells.ts'
import { Files } from './files.ts'
import { NAMES } from './names.ts'
import { typescriptProgram } from './program.ts'
import { TypeScriptServer } from './server.ts'
import { Servers } from './servers.ts'

/** The cell that somebody types, and one that is checked. */
export const TYPED = '__jupyterpost_cell.ts'
export const CHECKED = '__jupyterpost_checked.ts'
const DOCUMENTS = [GLOBALS, NAMES, TYPED, RAN, CHECKED]

export class Workspace {
  readonly servers: Servers
  readonly earlier: EarlierCells
  readonly files: Files
  readonly #options: LanguageOptions
  /** Of the folder's tsconfig, as the server was told. */
  #configured = ''
  /** Whether the folder demands annotations; told by its tsconfig. */
  #isAnnotated = false
  #isPageGlobal = false

  constructor(options: LanguageOptions) {
    this.#options = options
    this.servers = new Servers(() => this.#open(), options.log)
    this.earlier = new EarlierCells(this.servers, options)
    this.files = new Files(options.folder)
  }

  get isAnnotated(): boolean {
    return this.#isAnnotated
  }

  setPage(isGlobal: boolean): void {
    this.#isPageGlobal = isGlobal
    void this.servers.ask((server) => {
      server.write(GLOBALS, globalsText(isGlobal))
      return Promise.resolve()
    })
  }

  packagesChanged(folder: string): void {
    this.files.changed()
    void this.servers.ask((server) => {
      server.packagesChanged(folder)
      return Promise.resolve()
    })
  }

  close(): Promise<void> {
    this.earlier.close()
    return this.servers.close()
  }

  /** The folder's tsconfig may have been written since. */
  configure(server: TypeScriptServer): void {
    const { folder, log } = this.#options
    const state = configurationState(folder)
    if (state === this.#configured) return
    this.#configured = state
    this.#isAnnotated = hasOwnOptions(folder)
    const text = configurationText(folder, DOCUMENTS, log)
    server.configure(CONFIGURATION, text, [join(folder, 'tsconfig.json')])
  }

  async #open(): Promise<TypeScriptServer> {
    const { folder, log } = this.#options
    this.#configured = configurationState(folder)
    this.#isAnnotated = hasOwnOptions(folder)
    const server = new TypeScriptServer({
      program: typescriptProgram(),
      folder,
      configuration: CONFIGURATION,
      documents: {
        [CONFIGURATION]: configurationText(folder, DOCUMENTS, log),
        [GLOBALS]: globalsText(this.#isPageGlobal),
        ...this.earlier.names.documents,
        [TYPED]: '',
        [RAN]: '',
        [CHECKED]: '',
      },
      cells: [TYPED, RAN, CHECKED],
    })
    return Promise.resolve(server)
  }
}
