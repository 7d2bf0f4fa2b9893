// The content that all posts of a submission have in common.
import type { Blobs } from '../storage/blobs.ts'
import type { Database } from '../storage/database.ts'

/** Deletes it once no post needs it any more. Only inside `write`. */
export function dropUnneeded(db: Database, blobs: Blobs, submission: string): void {
  const needed = db.get('SELECT 1 FROM post WHERE submission = $id AND kept = 1 LIMIT 1', {
    $id: submission,
  })
  if (needed) return
  blobs.drop(submission)
  db.run(`UPDATE submission SET blocks = '[]' WHERE id = $id`, { $id: submission })
}
