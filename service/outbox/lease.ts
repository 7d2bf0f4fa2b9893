// The lease on a piece of work: who lost it records nothing.

/** Another worker has the work now; what this one did is recorded by nobody. */
export class LeaseLost extends Error {
  override name = 'LeaseLost'
}
