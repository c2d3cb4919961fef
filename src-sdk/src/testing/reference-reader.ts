/** Spec 2 read literally and slowly, sharing no code with the reader under test: which records a file holds. */
import { referenceFnv1a } from "./sample-log.js";

/** Length of the whole, valid record at `at`, or 0. */
export function wholeRecordAt(file: Buffer, at: number): number {
  if (file.length - at < 34 || file.toString("latin1", at, at + 4) !== "1LAW") return 0;
  if (file.readUInt32LE(at + 4) !== 1 || file.readBigUInt64LE(at + 8) === 0n) return 0;
  const type = file.readUInt8(at + 16);
  const size = file.readUInt32LE(at + 26);
  if (type < 1 || type > 5 || file.readUInt8(at + 17) > 3 || file.readBigInt64LE(at + 18) <= 0n) return 0;
  if (size > 67_108_864 || (size === 0 && type < 4) || at + 34 + size > file.length) return 0;
  const payload = file.subarray(at + 30, at + 30 + size);
  return referenceFnv1a(payload) === file.readUInt32LE(at + 30 + size) ? 34 + size : 0;
}

/** The bytes each policy of a repair keeps: the records up to the first bad byte, or all of them. */
export function keptBytes(file: Buffer, policy: "valid-prefix" | "skip-damaged"): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = wholeRecordAt(file, at);
    if (length > 0) kept.push(file.subarray(at, at + length));
    else if (policy === "valid-prefix") break;
    at += Math.max(1, length);
  }
  return Buffer.concat(kept);
}
