// `/api/v1/watches`: the watch that a kernel has over its running cell.
import { WatchManifest, WatchState } from '../../post/contract/watch.ts'
import type { Operation } from './operation.ts'
import { CommandsQuery, OneWatch } from './parameters.ts'
import { TARGETS } from './posts.ts'

const JSON_TYPE = 'application/json'
const state = { [JSON_TYPE]: WatchState }

export const WATCHES: readonly Operation[] = [
  {
    method: 'put',
    path: '/api/v1/watches/{id}',
    id: 'putWatch',
    summary: 'Begin or renew a watch over a running cell',
    description: 'Without renewal within `leaseMs` the relay posts that it lost contact.',
    caller: 'token',
    parameters: OneWatch,
    body: { [JSON_TYPE]: WatchManifest },
    answers: [
      {
        status: 200,
        description: 'The watch.',
        content: state,
        links: { id: '$request.path.id', to: ['hearCommands', 'endWatch'] },
      },
    ],
    refusals: [...TARGETS, 'unknown_watch', 'too_many'],
  },
  {
    method: 'delete',
    path: '/api/v1/watches/{id}',
    id: 'endWatch',
    summary: 'End a watch',
    caller: 'token',
    parameters: OneWatch,
    answers: [{ status: 204, description: 'There is no such watch any more.' }],
    refusals: ['unknown_watch'],
  },
  {
    method: 'get',
    path: '/api/v1/watches/{id}/commands',
    id: 'hearCommands',
    summary: 'Renew a watch and wait for commands',
    description: 'Answered as soon as there is a command after `after`, or after `wait` seconds.',
    caller: 'token',
    parameters: OneWatch,
    query: CommandsQuery,
    answers: [{ status: 200, description: 'The watch and its commands.', content: state }],
    refusals: ['unknown_watch', 'busy'],
  },
]
