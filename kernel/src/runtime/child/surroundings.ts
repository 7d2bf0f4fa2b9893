// What a program that a magic starts finds around it: the folder and environment that cells set.
import process from 'node:process'
import { Object, Reflect, String } from '../../api/primordials.ts'

export interface Surroundings {
  /** Empty if the folder no longer exists. */
  folder: string
  env: Record<string, string>
}

export function surroundings(): Surroundings {
  const env: Record<string, string> = {}
  // A cell may have replaced it.
  const holder: unknown = process.env
  if (typeof holder !== 'object' || holder === null) return { folder: folder(), env }
  const names = Object.keys(holder)
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] ?? ''
    try {
      const value: unknown = Reflect.get(holder, name)
      if (typeof value === 'string') env[name] = value
      else if (typeof value === 'number' || typeof value === 'boolean') env[name] = String(value)
    } catch {
      // A getter of the user's threw: this variable has no value.
    }
  }
  return { folder: folder(), env }
}

function folder(): string {
  try {
    return process.cwd()
  } catch {
    // ENOENT: it was removed.
    return ''
  }
}
