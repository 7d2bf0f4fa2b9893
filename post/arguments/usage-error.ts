/**
 * A mistake in what a person typed, in a magic's line or in a shell. Nothing was done. It is shown
 * with the usage.
 */
export class UsageError extends Error {
  override name = 'UsageError'
}
