// Times as people say them, kept true while the page is open; the exact one is in the tooltip.

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

const ago = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })

export function showTimes(inside: ParentNode): void {
  for (const time of inside.querySelectorAll('time')) {
    const at = new Date(time.dateTime)
    time.textContent = words(at)
    time.title = at.toLocaleString()
  }
}

function words(at: Date): string {
  const seconds = (Date.now() - at.getTime()) / 1000
  if (seconds > 6 * 86_400)
    return at.toLocaleDateString('en', { day: 'numeric', month: 'short', year: 'numeric' })
  const unit = UNITS.find(([, length]) => seconds >= length)
  return unit ? ago.format(-Math.floor(seconds / unit[1]), unit[0]) : 'just now'
}
