/** The crash lab of an open log: its last writes, and what each fault at each of their bytes would leave. Changes nothing. */
import type { LabCase, LabCell, LabFault, LabField, LabRange, LabWrite, Output } from "@softadastra/inspector-contract";
import type { FindingCollector } from "@softadastra/sdk/tools";
import { displayText, toBase64 } from "../log-view/display-text.ts";
import { recordDetail } from "../log-view/record-detail.ts";
import { caseOf } from "./crash-case.ts";
import { type Crash, crashAt } from "./damage.ts";
import { type Judgement, judge } from "./judge.ts";
import { operationOf, valueText } from "./record-text.ts";
import { findingsBefore, type LabLog, rangeFrom, startOfWrites, type WriteRange } from "./write-range.ts";

/** Other questions of the thread get their turn after so long. */
const STEP_MS_MAX = 20;
/** Fields of a longer record are told from this much of its front and its end alone. */
const FIELD_BYTES_MAX = 64 * 1024;
/** Flipping each bit of a byte is eight recoveries: in a longer record only the chosen one is tried. */
const ALL_BITS_BYTES_MAX = 1024 * 1024;

export interface LabPlace {
  readonly range: LabRange;
  readonly fault: LabFault;
}

/** What stands in the way of an answer; the host words it with a code. */
export type LabRefusal = { readonly refused: "reading" | "other-range" };

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

export class CrashLab {
  readonly #log: () => LabLog;
  #range: WriteRange | null = null;
  #collector: { readonly index: number; readonly of: LabLog["model"]; readonly make: () => FindingCollector } | null =
    null;

  constructor(log: () => LabLog) {
    this.#log = log;
  }

  async write(records: number | null): Promise<{ write: LabWrite | null } | LabRefusal> {
    const log = this.#log();
    if (!log.isDone) return { refused: "reading" };
    const { model } = log;
    if (model.recordCount === 0) return { write: null };
    const start = await startOfWrites(log, records);
    const range = await rangeFrom(log, start);
    this.#range = range;
    const last = model.recordCount - 1;
    const isOperation = model.isOperation(last);
    return {
      write: {
        range: { start, end: range.end },
        recordCount: range.recordCount,
        writeCount: range.writes.length,
        earlierCount: range.firstIndex,
        operation: operationOf(log, last),
        name: isOperation ? displayText(model.keys.view(model.keyOf(last))).text : "bookkeeping record",
        valueText: isOperation ? valueText(log, last) : "",
      },
    };
  }

  async cuts(place: LabPlace, from: number, count: number): Promise<Output<"lab.cuts"> | LabRefusal> {
    const found = await this.#find(place.range);
    if ("refused" in found) return found;
    const { log, range } = found;
    const cells: (LabCell | null)[] = [];
    let steppedMs = performance.now();
    for (let cut = from; cut < from + count; cut += 1) {
      const crash = crashAt(range.writes, place.fault, cut);
      cells.push(crash === null ? null : (await this.#judge(log, range, crash)).cell);
      if (performance.now() - steppedMs > STEP_MS_MAX) {
        await pause();
        steppedMs = performance.now();
      }
    }
    return { cells };
  }

  async bytes(place: LabRange, from: number, count: number): Promise<Output<"lab.bytes"> | LabRefusal> {
    const found = await this.#find(place);
    if ("refused" in found) return found;
    const { log, range } = found;
    const length = Math.max(0, Math.min(count, range.end - range.start - from));
    return {
      fields: fieldsWithin(log, range, from, from + count),
      bytes: toBase64(length === 0 ? new Uint8Array(0) : log.read(range.start + from, length)),
    };
  }

  async case(place: LabPlace, cut: number): Promise<LabCase | LabRefusal> {
    const found = await this.#find(place.range);
    if ("refused" in found) return found;
    const { log, range } = found;
    const crash = crashAt(range.writes, place.fault, cut);
    if (crash === null) return { refused: "other-range" };
    const answer = await caseOf(log, range, crash, (observer) =>
      judge(log.model, range, crash, { collectorFrom: (index) => this.#collectorFrom(log, index), ...observer }),
    );
    return { ...answer, unnoticedBits: await this.#unnoticedBits(log, range, place.fault, cut) };
  }

  /** For a flipped bit: which bits of the same byte could flip unseen. */
  async #unnoticedBits(log: LabLog, range: WriteRange, fault: LabFault, cut: number): Promise<number[] | null> {
    if (fault.kind !== "flip" || range.end - range.start > ALL_BITS_BYTES_MAX) return null;
    const unnoticed: number[] = [];
    for (let bit = 0; bit < 8; bit += 1) {
      const crash = crashAt(range.writes, { kind: "flip", bit }, cut);
      if (crash !== null && (await this.#judge(log, range, crash)).cell.isNoticed === false) unnoticed.push(bit);
    }
    return unnoticed;
  }

  #judge(log: LabLog, range: WriteRange, crash: Crash): Promise<Judgement> {
    return judge(log.model, range, crash, { collectorFrom: (index) => this.#collectorFrom(log, index) });
  }

  /** Most places of a write ask for the same front of the log. */
  #collectorFrom(log: LabLog, index: number): FindingCollector {
    if (this.#collector?.index !== index || this.#collector.of !== log.model) {
      this.#collector = { index, of: log.model, make: findingsBefore(log, index) };
    }
    return this.#collector.make();
  }

  async #find({ start, end }: LabRange): Promise<{ log: LabLog; range: WriteRange } | LabRefusal> {
    const log = this.#log();
    if (!log.isDone) return { refused: "reading" };
    const index = log.model.recordAt(start);
    const isRecord = index >= 0 && log.model.offsetOf(index) === start && start < end;
    if (!isRecord || end !== log.validBytes) return { refused: "other-range" };
    if (this.#range?.start !== start || this.#range.end !== end) this.#range = await rangeFrom(log, start);
    return { log, range: this.#range };
  }

  /** Another file, or the same one read anew. */
  forget(): void {
    this.#range = null;
    this.#collector = null;
  }
}

/** The named stretches of the range that places `[from, to)` are in. */
function fieldsWithin(log: LabLog, range: WriteRange, from: number, to: number): LabField[] {
  const { model } = log;
  const fields: LabField[] = [];
  const first = Math.max(range.firstIndex, model.recordAt(range.start + from));
  for (let index = first; index < range.endIndex && model.offsetOf(index) < range.start + to; index += 1) {
    const at = model.offsetOf(index) - range.start;
    for (const field of fieldsOf(log, index)) {
      const [start, end] = [at + field.from, at + field.to];
      if (end > from && start < to) fields.push({ ...field, from: start, to: end, record: index - range.firstIndex });
    }
  }
  return fields;
}

function fieldsOf(log: LabLog, index: number): { id: string; name: string; from: number; to: number }[] {
  const { model } = log;
  const length = model.lengthOf(index);
  const offset = model.offsetOf(index);
  if (length <= FIELD_BYTES_MAX) {
    const detail = recordDetail({ bytes: log.read(offset, length), offset, kind: "record", index, length });
    return detail.fields.map(({ id, name, at, bytes }) => ({ id, name, from: at, to: at + bytes }));
  }
  // Of a long record the front says where its fields are; its checksum is not computed for that.
  const head = recordDetail({ bytes: log.read(offset, FIELD_BYTES_MAX), offset, kind: "record", index, length });
  const front = head.fields
    .filter(({ fault }) => fault === null)
    .map(({ id, name, at, bytes }) => ({ id, name, from: at, to: at + bytes }));
  const from = front.at(-1)?.to ?? 0;
  const checksum = { id: "checksum", name: "Checksum", from: length - 4, to: length };
  if (!model.isOperation(index)) return [...front, { id: "payload", name: "payload", from, to: length - 4 }, checksum];
  return [
    ...front.filter(({ id }) => id !== "value"),
    { id: "value", name: "value", from, to: length - 12 },
    { id: "operationTime", name: "operation time", from: length - 12, to: length - 4 },
    checksum,
  ];
}
