// The bot's message to a chat account that somebody claims. It names who asks, and makes clear how
// unwise it is to give the code away.
import type { Person } from '../chat/chat.ts'
import { escapeInline } from './escape.ts'
import { muteMentions } from './mentions.ts'

export function codeLetter({ name }: Person, code: string): string {
  const who = muteMentions(escapeInline(name))
  return [
    `**${who}** on the Hub says that this account is theirs, to post as you and to be answered by you.`,
    'If that is you, run this in a notebook within 10 minutes:',
    `\`\`\`\n%post --link ${code}\n\`\`\``,
    'If it is not, do nothing, and give the code to nobody: whoever types it can post where you may.',
  ].join('\n\n')
}
