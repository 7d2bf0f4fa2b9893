// How many lanes have work, by service. Counting them takes time with each one, so triggers of this
// connection keep count from the start on; a change that is undone undoes its count.
import type { Database } from '../storage/database.ts'

const COUNTING = `
  CREATE TEMP TABLE IF NOT EXISTS lane_count (service TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  DELETE FROM lane_count;
  INSERT INTO lane_count SELECT service, count(*) FROM lane GROUP BY service;
  CREATE TEMP TRIGGER IF NOT EXISTS lane_began AFTER INSERT ON main.lane BEGIN
    INSERT INTO lane_count VALUES (new.service, 1) ON CONFLICT (service) DO UPDATE SET n = n + 1;
  END;
  CREATE TEMP TRIGGER IF NOT EXISTS lane_ended AFTER DELETE ON main.lane BEGIN
    UPDATE lane_count SET n = n - 1 WHERE service = old.service;
  END;
`

export class LaneCount {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
    db.define(COUNTING)
  }

  read(): [service: string, lanes: number][] {
    return this.#db
      .all('SELECT service, n FROM lane_count')
      .map(({ service, n }) => [String(service), Number(n)])
  }
}
