// Browsers open six connections to one address, all tabs together: with a stream in each, the seventh tab would load nothing. So a few tabs
// have a stream, and the others ask from time to time.

const SLOTS = 3

/** Runs it in a tab that may have a stream, until it ends. @returns False if other tabs have all of them. */
export async function inSlot(use: () => Promise<void>): Promise<boolean> {
  for (let n = 0; n < SLOTS; n += 1) {
    const name = `jupyterpost stream ${n}`
    const isOurs = await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock) await use()
      return lock !== null
    })
    if (isOurs) return true
  }
  return false
}
