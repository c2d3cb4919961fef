/** Which records a search and a filter leave, as their places in the list. The same language as for keys, on records. */
import { matchText, testNumber, testTexts } from "./key-search.ts";
import type { LogModel } from "./log-model.ts";
import { BadSearch, parseSearch, type SearchTerm } from "./search-language.ts";

/** Records looked at between two pauses in which other questions are answered. */
const RECORDS_PER_STEP = 65_536;
const KEYS_PER_STEP = 4_096;

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Records that match all terms, in file order. `isStale` ends the work early: somebody asked for something newer.
 * @throws BadSearch with a sentence for the user
 */
export async function matchingRecords(
  model: LogModel,
  search: string,
  isStale: () => boolean,
): Promise<Uint32Array | null> {
  const terms = parseSearch(search);
  if (terms.length === 0) return null;
  if (terms.some((term) => term.field === "value")) {
    throw new BadSearch("values are searched under Keys; here are key:, size and seq");
  }
  const matches = await matchKeys(
    model,
    terms.filter((term) => term.text !== undefined),
    isStale,
  );
  const numbers = terms.filter((term) => term.number !== undefined);
  const found = new Uint32Array(model.recordCount);
  let count = 0;
  for (let record = 0; record < found.length && !isStale(); record += 1) {
    if (record % RECORDS_PER_STEP === RECORDS_PER_STEP - 1) await pause();
    if (isMatch(model, record, matches, numbers)) found[count++] = record;
  }
  return found.slice(0, count);
}

function isMatch(model: LogModel, record: number, matches: Uint8Array | null, numbers: readonly SearchTerm[]): boolean {
  const isOperation = model.isOperation(record);
  if (matches !== null && (!isOperation || matches[model.keyOf(record)] !== 1)) return false;
  return numbers.every((term) => {
    if (term.field === "sequence") return testNumber(term, model.sequenceOf(record)) !== term.isNegated;
    return isOperation && testNumber(term, model.isDelete(record) ? 0 : model.valueBytesOf(record)) !== term.isNegated;
  });
}

/** A bit for each key that matches the texts; null where there is no text. */
async function matchKeys(
  model: LogModel,
  terms: readonly SearchTerm[],
  isStale: () => boolean,
): Promise<Uint8Array | null> {
  if (terms.length === 0) return null;
  const matches = new Uint8Array(model.keys.size);
  for (let from = 0; from < matches.length && !isStale(); from += KEYS_PER_STEP) {
    const keys = Array.from({ length: Math.min(KEYS_PER_STEP, matches.length - from) }, (_, i) => from + i);
    const texts = keys.map((key) => matchText(model.keys.view(key)));
    for (const key of keys) matches[key] = 1;
    for (const { text, isNegated } of terms) {
      if (text === undefined) continue;
      const found = testTexts(text, texts);
      for (const [i, key] of keys.entries()) if ((found[i] === 1) === isNegated) matches[key] = 0;
    }
    await pause();
  }
  return matches;
}
