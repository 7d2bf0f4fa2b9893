// Browsers open six connections to one address for all tabs together: with a stream in each tab,
// the seventh would load nothing. So only a few tabs have a stream; the others ask from time to
// time.

const SLOTS = 3

/** Runs `use` if this tab may have a stream. @returns False if other tabs have all of them. */
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
