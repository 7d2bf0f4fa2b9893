// Functions of the kernel that user code sees in place of Node's own.
import { Reflect, UserFunction } from '../../api/primordials.ts'

/** `instanceof Function` in the realm of user code. */
export function asUsers<Made extends (...args: never[]) => unknown>(
  made: Made,
  name?: string,
): Made {
  Reflect.setPrototypeOf(made, UserFunction.prototype)
  if (name !== undefined) Reflect.defineProperty(made, 'name', { value: name })
  return made
}
