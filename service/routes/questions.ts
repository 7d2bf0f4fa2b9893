// `api/v1/posts/ID/answer`: the asker of a question reads its answer, waits for it, or takes the
// question back.
import { Router } from 'express'
import type { RequestHandler } from 'express'

import { WaitQuery } from '../api/parameters.ts'
import type { Questions } from '../replies/questions.ts'
import { personOf } from './guard.ts'
import type { LongPolls } from './long-poll.ts'
import { readQuery } from './query.ts'

export interface QuestionRoutes {
  questions: Questions
  polls: LongPolls
  guardRead: RequestHandler
  guardWrite: RequestHandler
}

export function questionsRouter(deps: QuestionRoutes): Router {
  const { questions, polls, guardRead, guardWrite } = deps
  const router = Router()
  router.get('/:id/answer', guardRead, async (request, response) => {
    const person = personOf(response)
    const id = String(request.params.id)
    const { wait = 0 } = readQuery(WaitQuery, request)
    const answer = () => questions.answerFor(person, id)
    await polls.wait(request, response, {
      seconds: wait,
      isOver: () => answer().state !== 'open',
      onChange: (look) => questions.onChange(look),
    })
    response.set('Cache-Control', 'no-store').json(answer())
  })
  router.delete('/:id/answer', guardWrite, async (request, response) => {
    response.json(await questions.withdraw(personOf(response), String(request.params.id)))
  })
  return router
}
