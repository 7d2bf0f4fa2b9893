// What the relay itself posts about a watched cell, in the name of the person who runs it.
import type { Submission } from '../outbox/outbox.ts'
import { formatDuration } from '../render/header.ts'
import type { HeardPost } from './said-store.ts'
import type { StoredGoal, Watch } from './watch-store.ts'

export type GoalOf = (goal: StoredGoal) => Submission['goals'][number]

export function lostPost(watch: Watch, goals: Submission['goals'], leaseMs: number): Submission {
  const silence = formatDuration(leaseMs)
  const words =
    `Lost contact during ${nameOf(watch)}${after(watch.renewed - watch.started)}. ${heardFrom(watch)} has not been heard from` +
    `${silence && ` for ${silence}`}: its machine or server may be gone, or the network between`
  return submission(watch, goals, words)
}

export function backPost(watch: Watch, goals: Submission['goals'], now: number): Submission {
  const words = `Back in contact: ${nameOf(watch)} still runs${after(now - watch.started)}`
  return submission(watch, goals, words)
}

export function endedAfterAll(watch: Watch, goals: Submission['goals']): Submission {
  return submission(watch, goals, `Back in contact: ${nameOf(watch)} has ended`)
}

/** An answer in the thread of a post. */
export function answer({ id, goal, watch }: HeardPost, goalOf: GoalOf, words: string): Submission {
  return { ...submission(watch, [goalOf(goal)], words), thread: undefined, under: id }
}

function submission(watch: Watch, goals: Submission['goals'], text: string): Submission {
  const { notebook, executionCount } = watch.source
  return {
    person: watch.person,
    idempotency: undefined,
    blocks: [{ type: 'notice', text }],
    files: [],
    // The words say how long it has run; in the first line, a duration would mean that it ended.
    source: {
      ...(notebook !== undefined && { notebook }),
      ...(executionCount !== undefined && { executionCount }),
    },
    thread: watch.thread,
    goals,
  }
}

function heardFrom(watch: Watch): string {
  return kindOf(watch) === 'cell' ? 'Its kernel' : 'It'
}

function nameOf(watch: Watch): string {
  const { executionCount } = watch.source
  return executionCount === undefined ? `a ${kindOf(watch)}` : `cell ${executionCount}`
}

/** A program without cells names neither a notebook nor a cell. */
export function kindOf({ source }: Watch): 'cell' | 'program' {
  return source.executionCount === undefined && source.notebook === undefined ? 'program' : 'cell'
}

function after(ms: number): string {
  const duration = formatDuration(Math.max(0, ms))
  return duration && ` after ${duration}`
}
