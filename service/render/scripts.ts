// Raised and lowered text as Unicode has it, for chats that have neither `<sup>` nor `<sub>`. It
// imports nothing.

const RAISED = pairs(
  '0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ−',
  '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ⁻',
)
const LOWERED = pairs(
  '0123456789+-=()aehijklmnoprstuvxβγρφχ−',
  '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ₋',
)

function pairs(from: string, to: string): ReadonlyMap<string, string> {
  const letters = Array.from(to)
  return new Map(Array.from(from, (letter, n) => [letter, letters[n] ?? letter]))
}

/** Undefined if Unicode lacks a letter. */
export function raised(text: string): string | undefined {
  return replaced(text, RAISED)
}

/** Undefined if Unicode lacks a letter. */
export function lowered(text: string): string | undefined {
  return replaced(text, LOWERED)
}

function replaced(text: string, letters: ReadonlyMap<string, string>): string | undefined {
  let result = ''
  for (const letter of text) {
    const other = letters.get(letter)
    if (other === undefined) return undefined
    result += other
  }
  return result
}
