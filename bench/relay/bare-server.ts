// The yardstick of `bench/relay`: a bare `node:http` server that stores each body as it is, by the
// same group commits (WAL, synchronous=FULL), and answers 202 once it is on disk. Nobody is asked
// who they are and nothing is read. `node bare-server.ts FILE` prints its port.
import { createServer } from 'node:http'

import { Database } from '../../service/storage/database.ts'

const [file = ''] = process.argv.slice(2)
const STORED = JSON.stringify({ posts: [{ id: '', status: 'queued' }] })
const db = new Database(file, [
  { 1: 'CREATE TABLE IF NOT EXISTS body (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT' },
])

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const bytes = Buffer.concat(chunks)
    const stored = db.write(() =>
      db.run('INSERT INTO body (bytes) VALUES ($bytes)', { $bytes: bytes }),
    )
    stored.then(
      () => response.writeHead(202, { 'content-type': 'application/json' }).end(STORED),
      () => response.writeHead(507).end(),
    )
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) console.log(`Bare: ${address.port}`)
})
process.once('SIGTERM', () => {
  server.closeAllConnections()
  server.close(() => db.close())
})
