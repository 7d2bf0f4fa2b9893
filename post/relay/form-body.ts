// A form as the body of a request.
import { PassThrough } from 'node:stream'
import type { Readable } from 'node:stream'
import type FormData from 'form-data'

/**
 * The form as a stream that `node-fetch` sees ending. A form of bytes sends all of them and its end
 * as soon as it is piped; `node-fetch` listens for the end only after that, so it would never end
 * the request, and the request would keep its connection.
 */
export function formBody(form: FormData): Readable {
  return form.pipe(new PassThrough())
}
