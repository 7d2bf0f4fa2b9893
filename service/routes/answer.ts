// Answers in JSON, without what Express looks up for each: types, charsets, entity tags.
import type { ServerResponse } from 'node:http'

export function answerJson(response: ServerResponse, status: number, value: object): void {
  const text = JSON.stringify(value)
  response.statusCode = status
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.end(text)
}
