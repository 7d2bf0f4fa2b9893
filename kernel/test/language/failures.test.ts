// A failed question: which of the three kinds it is, and what is told about it.
import { expect, test } from '@jest/globals'
import { ConnectionError, ConnectionErrors, ErrorCodes, ResponseError } from 'vscode-jsonrpc/node'
import { failureOf } from '../../src/language/typescript/failures.ts'
import { Servers } from '../../src/language/typescript/servers.ts'
import { TypeScriptServer } from '../../src/language/typescript/server.ts'
import { typescriptProgram } from '../../src/language/typescript/program.ts'
import { temporaryFolder } from '../../../service/test/helpers/relay.ts'

test.each([
  [new ResponseError(ErrorCodes.InternalError, 'panic: half typed'), 'no answer'],
  [new ResponseError(ErrorCodes.MethodNotFound, 'no such request'), 'ours'],
  [new ResponseError(ErrorCodes.PendingResponseRejected, 'disposed'), 'gone'],
  [new ConnectionError(ConnectionErrors.Closed, 'closed'), 'gone'],
  [Object.assign(new Error('write'), { code: 'EPIPE' }), 'gone'],
  [new TypeError('x is undefined'), 'ours'],
])('%s', (error, failure) => {
  expect(failureOf(error)).toBe(failure)
})

test('a mistake of ours is one line and no retry; the server lives on', async () => {
  using folder = temporaryFolder()
  const log: string[] = []
  let opened = 0
  const open = (): Promise<TypeScriptServer> => {
    opened += 1
    const program = typescriptProgram()
    const parts = {
      program,
      folder: folder.path,
      configuration: 'c.json',
      documents: {},
      cells: [],
    }
    return Promise.resolve(new TypeScriptServer(parts))
  }
  const servers = new Servers(open, (line) => log.push(line))
  let asked = 0
  const wrong = (): Promise<never> => {
    asked += 1
    return Promise.reject(new TypeError('not a function'))
  }
  expect(await servers.ask(wrong)).toBeUndefined()
  expect(await servers.ask(wrong)).toBeUndefined()
  await servers.close()
  expect(log).toEqual(['a question to the language server failed: TypeError: not a function'])
  expect([asked, opened]).toEqual([2, 1])
})
