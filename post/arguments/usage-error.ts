/** A person's mistake in what they typed, in a magic's line or in a shell: nothing was done. The usage is shown with it. */
export class UsageError extends Error {
  override name = 'UsageError'
}
