// Fills the relay's database with copies of posts that it stored itself, which is faster than
// posting them. It copies whatever columns there are, so it needs no care when tables change. No
// relay may have the file open.
import { DatabaseSync } from 'node:sqlite'

/** How many copies of posts in this state to add, spread evenly over the lanes that have some. */
export interface Filling {
  waiting?: number
  sent?: number
}

const STATES = { waiting: `'ready', 'retry'`, sent: `'sent'` } as const

/** What a copy has of its own; the rest is as in the post that it copies. */
const OWN: Readonly<Record<string, string>> = {
  'submission.id': `'copy-' || $run || '-' || n`,
  'submission.idem_key': 'NULL',
  'post.id': `'copy-' || $run || '-p' || n`,
  'post.submission': `'copy-' || $run || '-' || n`,
  'event.post': `'copy-' || $run || '-p' || n`,
}

export function fill(path: string, filling: Filling): void {
  const sqlite = new DatabaseSync(path)
  try {
    sqlite.exec('PRAGMA synchronous = OFF; BEGIN')
    for (const kind of ['waiting', 'sent'] as const) {
      const count = filling[kind] ?? 0
      if (count > 0) copy(sqlite, STATES[kind], count)
    }
    sqlite.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    sqlite.close()
  }
}

function copy(sqlite: DatabaseSync, states: string, count: number): void {
  sqlite.exec(`
    DROP TABLE IF EXISTS temp.sample;
    CREATE TEMP TABLE sample AS SELECT row_number() OVER (ORDER BY id) - 1 AS k, id AS post, submission
      FROM (SELECT max(seq), id, submission FROM post WHERE state IN (${states}) GROUP BY lane);
    CREATE UNIQUE INDEX temp.sample_k ON sample (k)`)
  const samples = Number(sqlite.prepare('SELECT count(*) AS n FROM sample').get()?.n)
  if (samples === 0) throw new Error(`No post in a state of ${states} to copy`)
  const last = Number(sqlite.prepare('SELECT coalesce(max(seq), 0) AS n FROM event').get()?.n)
  const run = `${states.length}-${last}`
  const from: Readonly<Record<string, string>> = {
    submission: 'JOIN submission o ON o.id = s.submission',
    post: 'JOIN post o ON o.id = s.post',
    event: `JOIN event o ON o.seq = (SELECT max(seq) FROM event e WHERE e.post = s.post AND e.seq <= ${last})`,
  }
  // `event` has an index on its post from some version on; without, the join would read it whole.
  const isIndexed = sqlite
    .prepare(`SELECT 1 FROM sqlite_schema WHERE tbl_name = 'event' AND sql LIKE '%(post%'`)
    .get()
  if (!isIndexed) sqlite.exec('CREATE INDEX bench_event_post ON event (post, seq)')
  for (const table of ['submission', 'post', 'event']) {
    const columns = sqlite
      .prepare(`SELECT name FROM pragma_table_info('${table}')`)
      .all()
      .map(({ name }) => String(name))
      .filter((name) => name !== 'seq')
    const values = columns.map((name) => OWN[`${table}.${name}`] ?? `o.${name}`)
    const parameters = values.some((value) => value.includes('$run')) ? { $run: run } : {}
    sqlite
      .prepare(
        `WITH RECURSIVE number(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM number WHERE n + 1 < ${count})
         INSERT INTO ${table} (${columns.join(', ')})
         SELECT ${values.join(', ')} FROM number JOIN sample s ON s.k = n % ${samples} ${from[table]}`,
      )
      .run(parameters)
  }
  if (!isIndexed) sqlite.exec('DROP INDEX bench_event_post')
}
