// When a display name that a person typed is that of a channel. Display names are not unique, and
// anybody may give a channel any: a name counts as the same if a reader sees no difference, and one
// that mixes alphabets to look like another is never taken.

/**
 * `Town  Square` -> `town square`: without what cannot be seen, and without the differences between
 * letter cases, widths and blanks.
 */
export function folded(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
    .replace(/\p{White_Space}+/gu, ' ')
    .trim()
}

/** The name that a chat would make of it: `Town Square` -> `town-square`. */
export function handleOf(name: string): string {
  return folded(name).replaceAll(' ', '-')
}

const ALPHABETS = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u]

/** Whether one word has letters of two alphabets that look alike, as `Lаb` with a Cyrillic `а`. */
export function mixesAlphabets(name: string): boolean {
  return name
    .normalize('NFKC')
    .split(/\p{White_Space}/u)
    .some((word) => ALPHABETS.filter((alphabet) => alphabet.test(word)).length > 1)
}
