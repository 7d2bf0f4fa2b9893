// A question that nobody can answer. One error for both processes: the runtime knows what the front
// end allows; only the kernel process also knows that the cell has ended.

export class StdinNotAllowedError extends Error {
  override name = 'StdinNotAllowedError'
  constructor() {
    super(
      'this front end allows no questions (allow_stdin is false), or the cell has ended: run the cell in a notebook or console',
    )
  }
}
