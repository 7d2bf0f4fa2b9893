// history_request: the three ways to ask for what was typed.
import type { History, HistoryRow } from '../history/history-store.ts'
import { historyRequest } from '../protocol/content.ts'
import type { HistoryRequest } from '../protocol/content.ts'
import type { ServiceHandler } from './services.ts'

export const history: ServiceHandler = ({ message }, services) => {
  const request = historyRequest(message.content)
  const rows = request ? find(request, services.history) : []
  return {
    content: {
      status: 'ok',
      history: rows.map(({ session, line, source, output }) => [
        session,
        line,
        request?.output ? [source, output] : source,
      ]),
    },
  }
}

function find(request: HistoryRequest, store: History): HistoryRow[] {
  switch (request.hist_access_type) {
    case 'range':
      return store.range(request.session, request.start, request.stop)
    case 'tail':
      return store.tail(request.n)
    case 'search':
      return store.search(request.pattern, request.n, request.unique)
  }
}
