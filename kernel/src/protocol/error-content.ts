// What a person sees of an error of the kernel's own: name and sentence, no stack.
import type { ErrorContent } from './mimebundle.ts'

export function errorContent(error: unknown): ErrorContent {
  const isError = Error.isError(error)
  const ename = isError ? error.name : 'Error'
  const evalue = isError ? error.message : String(error)
  return { ename, evalue, traceback: [`${ename}: ${evalue}`] }
}
