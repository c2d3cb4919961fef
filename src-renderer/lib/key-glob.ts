/** Patterns of keys as the search has them: `*` is any run of characters, `?` is one, everything else is itself. */

/** Longer than any key anybody types by hand. */
export const GLOB_CHARS_MAX = 200;

/**
 * Whether the whole text matches. Without regular expressions: a pattern of many stars must not take long, so after a
 * mismatch only the last star takes one more character.
 */
export function matchesGlob(glob: string, text: string): boolean {
  const pattern = [...glob];
  const characters = [...text];
  let at = 0;
  let place = 0;
  let starAt = -1;
  let starIn = 0;
  while (place < characters.length) {
    if (pattern[at] === "*") {
      starAt = at++;
      starIn = place;
    } else if (pattern[at] === "?" || (pattern[at] !== undefined && pattern[at] === characters[place])) {
      at += 1;
      place += 1;
    } else if (starAt !== -1) {
      at = starAt + 1;
      place = ++starIn;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

/** A pattern for the keys beside one: everything under the same prefix. */
export function globBeside(name: string, separator: string): string {
  const cut = separator === "" ? -1 : name.lastIndexOf(separator);
  return cut === -1 ? name : `${name.slice(0, cut + separator.length)}*`;
}
