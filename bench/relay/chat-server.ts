// A chat that speaks Mattermost, with people and a channel for each: `node chat-server.ts
// hangs|takes PORT ROOMS`. It forgets requests, because a measurement sends many.
import { MattermostServer } from '../../service/test/helpers/mattermost.ts'

const [mode = 'takes', port = '0', rooms = '1'] = process.argv.slice(2)
const server = await MattermostServer.start({}, Number(port))
const channels = Array.from({ length: Number(rooms) }, (_, n) => {
  server.addUser(`person-${n}`)
  return server.addChannel(`room-${n}`, [`person-${n}`, server.bot.username]).id
})
if (mode === 'hangs') server.fail('POST', /^\/posts$/, { kind: 'hang' }, Infinity)
setInterval(() => {
  server.requests.length = 0
}, 1000).unref()
console.log(
  `Chat: ${JSON.stringify({ url: server.url, token: server.token, team: server.team, channels })}`,
)
process.once('SIGTERM', () => process.exit(0))
