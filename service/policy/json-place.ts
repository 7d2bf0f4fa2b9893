// Where a file of JSON is wrong, and no more: V8's message quotes the text around it, which may be
// a token.

export function placeInJson(cause: unknown): string {
  const place = /\(line (\d+) column (\d+)\)/.exec(Error.isError(cause) ? cause.message : '')
  return place ? `, but line ${place[1]}, column ${place[2]} is wrong` : ', but it is not JSON'
}
