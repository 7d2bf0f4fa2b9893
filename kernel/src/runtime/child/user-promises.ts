// Promises at the border between the kernel's realm and the user's, whatever a cell did to
// `Promise.prototype`.
import { Promise, Reflect, UserPromise, uncurry } from '../../api/primordials.ts'

const then: <Value>(
  self: Promise<Value>,
  fulfilled: (value: Value) => void,
  rejected: (reason: unknown) => void,
) => unknown = uncurry(Promise.prototype, 'then')

const ASIDE = { value: Promise, configurable: true }

/** Calls back when a promise of either realm has settled. */
export function follow<Value>(
  promise: Promise<Value>,
  fulfilled: (value: Value) => void,
  rejected: (reason: unknown) => void,
): void {
  // `then` looks up the promise's constructor, which a cell may have replaced: give the promise
  // one of its own for this moment.
  const isAside =
    !Reflect.getOwnPropertyDescriptor(promise, 'constructor') &&
    Reflect.defineProperty(promise, 'constructor', ASIDE)
  try {
    then(promise, fulfilled, rejected)
  } finally {
    if (isAside) Reflect.deleteProperty(promise, 'constructor')
  }
}

/** A user's promise as one of the kernel's; its value in an object, as it may have a `then`. */
export function settled<Value>(promise: Promise<Value>): Promise<{ value: Value }> {
  return new Promise((resolve, reject) => {
    follow(promise, (value) => resolve({ value }), reject)
  })
}

/** A promise of the kernel's as one of user code: `instanceof Promise` holds. */
export function toUser<Value>(promise: Promise<Value>): Promise<Value> {
  return new UserPromise<Value>((resolve, reject) => {
    follow(promise, resolve, reject)
  })
}
