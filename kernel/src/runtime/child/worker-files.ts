// A worker whose file is a local one gets what imports of cells have: TypeScript is lowered, and
// imports resolve as in the notebook's own files. Relative paths start from the current folder, as
// in Node, else from the folder of the notebook.
import { syncBuiltinESMExports } from 'node:module'
import { dirname, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import workerThreads from 'node:worker_threads'
import type { WorkerOptions } from 'node:worker_threads'
import { Proxy, Reflect, URL } from '../../api/primordials.ts'
import { fileFor } from './file-resolution.ts'
import { isModuleFile, localPath } from './local-files.ts'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const HOOKS = new URL(`./worker-hooks${extension}`, import.meta.url).href

/** @param notebook - The file in whose name cells import. */
export function lowerInWorkers(notebook: string): void {
  workerThreads.Worker = new Proxy(workerThreads.Worker, {
    construct(target, args, newTarget) {
      const file: unknown = args[0]
      const options = optionsIn(args[1])
      const path = options?.eval === true ? undefined : workerFile(file, dirname(notebook))
      if (path === undefined) return constructed(target, args, newTarget)
      const execArgv = [...(options?.execArgv ?? []), '--import', HOOKS]
      return constructed(target, [path, { ...options, execArgv }], newTarget)
    },
  })
  syncBuiltinESMExports()
}

function constructed(target: object, args: unknown[], newTarget: object): object {
  const made: unknown =
    typeof target === 'function' && typeof newTarget === 'function'
      ? Reflect.construct(target, args, newTarget)
      : undefined
  return typeof made === 'object' && made !== null ? made : {}
}

function optionsIn(value: unknown): WorkerOptions | undefined {
  return typeof value === 'object' && value !== null ? value : undefined
}

/** The path of a worker's local file; undefined for any other, and for one that does not exist. */
function workerFile(file: unknown, notebookFolder: string): string | undefined {
  const typed = typeof file === 'string' ? file : fileOfUrl(file)
  if (typed === undefined || !/^(?:\.{0,2}\/|file:)/.test(typed)) return undefined
  if (typed.startsWith('file:')) return localFile(fileURLToPath(new URL(typed)))
  return localFile(resolve(process.cwd(), typed)) ?? localFile(resolve(notebookFolder, typed))
}

function fileOfUrl(value: unknown): string | undefined {
  if (!(value instanceof URL) || value.protocol !== 'file:') return undefined
  return fileURLToPath(value)
}

function localFile(path: string): string | undefined {
  const file = fileFor(path)
  const isLocal = file !== undefined && localPath(pathToFileURL(file).href) !== undefined
  return isLocal && isModuleFile(file) ? file : undefined
}
