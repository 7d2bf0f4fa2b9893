// Times as people say them, kept up to date while the page is open; the tooltip has the exact time.

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

const ago = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })

export function showTimes(inside: ParentNode): void {
  for (const time of inside.querySelectorAll('time')) {
    const at = new Date(time.dateTime)
    time.textContent = time.dataset.until === undefined ? words(at) : left(at)
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

/** The time left, in its two largest units: `1 h 59 min left`. */
function left(until: Date): string {
  const minutes = Math.floor((until.getTime() - Date.now()) / 60_000)
  if (minutes < 0) return 'time is up'
  if (minutes === 0) return 'less than a minute left'
  const units = [
    [Math.floor(minutes / 1440), 'd'],
    [Math.floor(minutes / 60) % 24, 'h'],
    [minutes % 60, 'min'],
  ] as const
  const first = units.findIndex(([amount]) => amount > 0)
  const shown = units.slice(first, first + 2).filter(([amount]) => amount > 0)
  return `${shown.map(([amount, unit]) => `${amount} ${unit}`).join(' ')} left`
}
