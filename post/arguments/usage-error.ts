/** A mistake in a magic's line or in a command: nothing was done, and the usage is shown. */
export class UsageError extends Error {
  override name = 'UsageError'
}
