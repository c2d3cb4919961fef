/** Numbers as sentences show them. */

let format: Intl.NumberFormat | undefined;

/** `1,234`. Made when it is first needed: it brings the languages of the world along, 11 MB that most programs never use. */
export function formatCount(n: number): string {
  format ??= new Intl.NumberFormat("en-US");
  return format.format(n);
}

/** `1 byte`, `2 bytes` */
export function countOf(n: number, one: string, many = `${one}s`): string {
  return `${formatCount(n)} ${n === 1 ? one : many}`;
}

/** `0x00E14` */
export function formatOffset(offset: number): string {
  return `0x${offset.toString(16).toUpperCase().padStart(5, "0")}`;
}
