/** What the commands of the terminal share: what they work on, and their exit statuses. */
import type { Result } from "../result.js";
import { REPAIR_POLICIES, type RepairPolicy } from "../wal/repair-plan.js";
import type { WalReport } from "../wal/report.js";

export interface CliOptions {
  readonly json: boolean;
  readonly prefix: string | undefined;
  readonly limit: number;
  readonly base64: boolean;
  readonly policy: string | undefined;
  readonly output: string | undefined;
  readonly yes: boolean;
  readonly expect: string | undefined;
  readonly keys: boolean;
  readonly records: boolean;
  readonly deleted: boolean;
  readonly format: string | undefined;
  readonly values: string | undefined;
  readonly force: boolean;
  readonly skipBad: boolean;
  readonly dryRun: boolean;
  readonly create: boolean;
}

/** What a command works on. */
export interface CliWork {
  readonly path: string;
  readonly rest: readonly string[];
  readonly options: CliOptions;
  print(text: string): void;
  /** For people, beside the answer: to the error stream. */
  note(text: string): void;
  printBytes(bytes: Uint8Array): void;
  printJson(value: unknown): void;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
}

export const CLEAN = 0;
export const BROKEN = 1;
export const UNUSABLE = 2;

/** The command line makes no sense. */
export class UsageError extends Error {}

export function unwrap<T>(result: Result<T>): T {
  if (result.isErr()) throw result.error();
  return result.value();
}

/** A choice of words behind an option. */
export function oneOf<T extends string>(name: string, words: readonly T[], given: string | undefined, usual: T): T {
  if (given === undefined) return usual;
  const word = words.find((known) => known === given);
  if (word === undefined) throw new UsageError(`--${name} must be ${words.join(" or ")}, not ${given}.`);
  return word;
}

export function statusOf({ verdict }: Pick<WalReport, "verdict">): number {
  if (verdict === "clean") return CLEAN;
  return verdict === "not-a-wal" ? UNUSABLE : BROKEN;
}

/** The policy that was asked for; null when none was. */
export function readPolicy(text: string | undefined): RepairPolicy | null {
  if (text === undefined) return null;
  const policy = REPAIR_POLICIES.find((known) => known === text);
  if (policy === undefined) throw new UsageError(`--policy must be ${REPAIR_POLICIES.join(" or ")}, not ${text}.`);
  return policy;
}
