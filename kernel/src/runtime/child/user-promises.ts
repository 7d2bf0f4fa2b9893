// Promises at the border between the kernel's realm and that of user code, whatever a cell did to `Promise.prototype`.
import { Promise, Reflect, UserPromise, uncurry } from '../../api/primordials.ts'

const then: <Value>(
  self: Promise<Value>,
  fulfilled: (value: Value) => void,
  rejected: (reason: unknown) => void,
) => unknown = uncurry(Promise.prototype, 'then')

const ASIDE = { value: Promise, configurable: true }

/** Calls back when a promise of any realm has settled. */
export function follow<Value>(
  promise: Promise<Value>,
  fulfilled: (value: Value) => void,
  rejected: (reason: unknown) => void,
): void {
  // `then` asks the promise for its constructor, which a cell may have replaced: for this moment it has one of its own.
  const isAside =
    !Reflect.getOwnPropertyDescriptor(promise, 'constructor') &&
    Reflect.defineProperty(promise, 'constructor', ASIDE)
  try {
    then(promise, fulfilled, rejected)
  } finally {
    if (isAside) Reflect.deleteProperty(promise, 'constructor')
  }
}

/** A promise of user code, as one of the kernel. The value comes in an object: it may itself have a `then`. */
export function settled<Value>(promise: Promise<Value>): Promise<{ value: Value }> {
  return new Promise((resolve, reject) => {
    follow(promise, (value) => resolve({ value }), reject)
  })
}

/** A promise of the kernel, as one of user code: `instanceof Promise`. */
export function toUser<Value>(promise: Promise<Value>): Promise<Value> {
  return new UserPromise<Value>((resolve, reject) => {
    follow(promise, resolve, reject)
  })
}
