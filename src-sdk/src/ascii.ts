/** Short text as bytes, where that is quicker than with the means of the system. */

/** Writes the text to the front of `into`, which has room for it; false for text that is not ASCII. */
export function writeAscii(text: string, into: Uint8Array): boolean {
  let all = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    into[i] = code;
    all |= code;
  }
  return all <= 0x7f;
}
