// The part `quota` of the file of JUPYTERPOST_CONFIG.
import { z } from 'zod'

import { DEFAULT_QUOTA } from './policy/quota.ts'
import type { QuotaSettings } from './policy/quota.ts'

const figures = {
  postsPerMinute: z.int().positive().exactOptional(),
  changesPerMinute: z.int().positive().exactOptional(),
  textPerHour: z.int().positive().exactOptional(),
  bytesPerHour: z.int().positive().exactOptional(),
  directPerDay: z.int().positive().exactOptional(),
}
const Figures = z.strictObject(figures)

export const QuotaEntry = z.strictObject({
  ...figures,
  people: z.record(z.string().min(1), Figures).exactOptional(),
  groups: z
    .record(
      z.string().min(1),
      z.strictObject({ each: Figures.exactOptional(), together: Figures.exactOptional() }),
    )
    .exactOptional(),
})

export function quotaOf(quota: z.infer<typeof QuotaEntry> = {}): QuotaSettings {
  return { ...DEFAULT_QUOTA, ...quota }
}
