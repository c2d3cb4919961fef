/** Checks a log against what is expected of it: the `.expected.json` that the inspector's crash lab saves beside a case. */
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import type { WalReport } from "../wal/report.js";
import { UsageError } from "./command.js";

/** What is compared: of the file itself, and of what a reader finds in it. */
const FACTS = [
  "verdict",
  "recordCount",
  "operationCount",
  "keyCount",
  "deletedKeyCount",
  "lastSequence",
  "validBytes",
  "unreachableRecordCount",
] as const satisfies readonly (keyof WalReport)[];

export interface Difference {
  readonly what: string;
  readonly expected: unknown;
  readonly found: unknown;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readExpectation(path: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(`${path} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(parsed) || parsed.format !== "softadastra-crash-case" || !isObject(parsed.expect)) {
    throw new UsageError(`${path} is no expectation: it needs "format": "softadastra-crash-case" and "expect".`);
  }
  if (parsed.formatVersion !== 1) {
    throw new UsageError(`${path} has format version ${JSON.stringify(parsed.formatVersion)}; this program knows 1.`);
  }
  return parsed;
}

async function hashOf(path: string): Promise<string> {
  const sha256 = createHash("sha256");
  for await (const piece of createReadStream(path)) sha256.update(piece);
  return sha256.digest("hex");
}

/** Everything in which the log is not as expected; what the expectation leaves out is not compared. */
export async function differences(expectationPath: string, report: WalReport): Promise<Difference[]> {
  const expectation = readExpectation(expectationPath);
  const expect = expectation.expect as Record<string, unknown>;
  const found: Record<string, unknown> = Object.fromEntries(FACTS.map((name) => [name, report[name]]));
  const { stop } = report;
  found.stop = stop === null ? null : { offset: stop.offset, reason: stop.reason, restBytes: stop.restBytes };
  found.findings = report.findings.map(({ code, severity, offset, length, count }) => ({
    code,
    severity,
    offset,
    length,
    count,
  }));
  const all: Difference[] = [];
  const compare = (what: string, expected: unknown, is: unknown) => {
    if (expected !== undefined && !isSame(expected, is)) all.push({ what, expected, found: is });
  };
  compare("fileBytes", expectation.fileBytes, report.fileBytes);
  if (expectation.sha256 !== undefined) compare("sha256", expectation.sha256, await hashOf(report.path));
  for (const name of [...FACTS, "stop", "findings"]) compare(name, expect[name], found[name]);
  return all;
}

/** As JSON, whatever the order of the names. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((each, i) => isSame(each, b[i]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
}
