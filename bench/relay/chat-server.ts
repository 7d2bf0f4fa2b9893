// A chat that speaks Mattermost, with people and a channel for each: `node chat-server.ts ROOMS`.
// Until SIGUSR2 it takes no post and answers everything else. It says when it has its first post,
// and forgets requests, because a measurement sends many.
import { MattermostServer } from '../../service/test/helpers/mattermost.ts'

const [rooms = '1'] = process.argv.slice(2)
const server = await MattermostServer.start()
const channels = Array.from({ length: Number(rooms) }, (_, n) => {
  server.addUser(`person-${n}`)
  return server.addChannel(`room-${n}`, [`person-${n}`, server.bot.username]).id
})
server.fail('POST', /^\/posts$/, { kind: 'hang' }, Infinity)
process.on('SIGUSR2', () => server.heal())
setInterval(() => {
  server.requests.length = 0
}, 1000).unref()
const { url, token, team } = server
console.log(`Chat: ${JSON.stringify({ url, token, team, channels })}`)
const look = setInterval(() => {
  if (server.state.posts.length === 0) return
  console.log('Posted')
  clearInterval(look)
}, 1)
process.once('SIGTERM', () => process.exit(0))
