// People and channels as the server tells them.
import { z } from 'zod'

export const User = z.object({
  id: z.string(),
  username: z.string(),
  delete_at: z.number(),
  is_bot: z.boolean().optional(),
})
export type User = z.infer<typeof User>

export const Channel = z.object({
  id: z.string(),
  name: z.string(),
  display_name: z.string(),
  type: z.string(),
  delete_at: z.number(),
})
export type Channel = z.infer<typeof Channel>
