/**
 * `softadastra-wal`: looks into a log from a terminal or a script. Reading never locks, writes or changes anything.
 * Exit status: 0 the log is clean, 1 it is torn or damaged, 2 the question could not be answered (spec 4, "Terminal").
 */
import { parseArgs } from "node:util";
import { SoftadastraError } from "../result.js";
import { inspectWal } from "../wal/inspect.js";
import type { WalReport } from "../wal/report.js";
import { BROKEN, CLEAN, type CliWork, statusOf, UNUSABLE, UsageError, unwrap } from "./command.js";
import { printDiff } from "./diff-command.js";
import { differences } from "./expectation.js";
import { exportRows } from "./export-command.js";
import { importRows } from "./import-command.js";
import { printKeys, printRecords, printValue } from "./listings.js";
import { printRepair } from "./repair-command.js";
import { findingLines, reportLines, verdictLines } from "./report-text.js";

/** Where a command writes: a process, or a test. */
export interface CliStreams {
  /** `done` is called when what was written is on its way, or cannot be. */
  readonly stdout: { write(text: string | Uint8Array, done?: (error?: Error | null) => void): unknown };
  readonly stderr: { write(text: string): unknown };
}

const USAGE = `Usage: softadastra-wal <command> <file.wal> [options]

  inspect <file>        what the log holds, its verdict and every finding
  verify <file>         the verdict alone, in one line        [--expect case.expected.json]
  records <file>        every readable record, one a line     [--limit n]
  keys <file>           every live key, one a line            [--prefix text] [--limit n]
  get <file> <key>      the value of a key, byte for byte     [--base64]
  repair <file>         what a repair would do; --yes does it [--policy valid-prefix|skip-damaged] [--output new.wal]
  diff <file> <other>   keys whose values differ, one a line  [--policy valid-prefix|skip-damaged]
  diff <file> --policy skip-damaged
                        the same, between what the C++ engine recovers and what the policy does

  export <file>         live keys, or every record, to standard output
                        [--keys [--deleted] | --records] [--format ndjson|json|csv] [--values text|base64|none]
                        [-o file] [--force to replace it]
  import <file> <rows>  writes rows of NDJSON into the log, after a look at every line
                        [--dry-run] [--skip-bad] [--create a log that is not there]

  --json                JSON for programs; records, keys and diff one object a line
  --help, --version

Exit status: 0 clean, 1 torn or damaged, 2 not usable (no such file, no log, no such key, bad lines, wrong arguments).
Of diff: 0 the same keys with the same values, 1 they differ, 2 not usable. Of verify --expect: 0 as expected, 1 not.
Only repair --yes and import change a log; repair without --output keeps the old log beside the repaired one.`;

const COMMANDS: Record<string, (work: CliWork) => Promise<number>> = {
  inspect: async (work) => {
    const report = unwrap(await inspectWal(work.path));
    if (work.options.json) work.printJson(report);
    else
      for (const line of [...reportLines(report), ...verdictLines(report), ...findingLines(report)]) work.print(line);
    return statusOf(report);
  },
  verify: async (work) => {
    const report = unwrap(await inspectWal(work.path));
    if (work.options.expect !== undefined) return verifyExpected(work, report, work.options.expect);
    const { verdict, recordCount, stop } = report;
    if (work.options.json) work.printJson({ path: work.path, verdict, recordCount, stop });
    else
      work.print(
        `${verdict}: ${work.path}, ${recordCount} records${stop === null ? "" : `, stops at offset ${stop.offset}`}`,
      );
    return statusOf(report);
  },
  records: printRecords,
  keys: printKeys,
  get: printValue,
  repair: printRepair,
  diff: printDiff,
  export: exportRows,
  import: importRows,
};

/** Arguments behind the path: how many there must be, and may be. */
const REST: Record<string, readonly [min: number, max: number]> = { get: [1, 1], diff: [0, 1], import: [1, 1] };
/** Compares the log with the expectation; its verdict may be any, as long as it is the expected one. */
async function verifyExpected(work: CliWork, report: WalReport, expectationPath: string): Promise<number> {
  const found = await differences(expectationPath, report);
  const isExpected = found.length === 0;
  if (work.options.json) work.printJson({ path: work.path, verdict: report.verdict, isExpected, differences: found });
  else {
    work.print(`${isExpected ? "as expected" : "not as expected"}: ${work.path}, ${report.verdict}`);
    for (const { what, expected, found: is } of found) {
      work.print(`  ${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(is)}`);
    }
  }
  return isExpected ? CLEAN : BROKEN;
}

/** Runs a command line and answers its exit status. */
export async function runCli(args: readonly string[], streams: CliStreams): Promise<number> {
  try {
    const { command, work } = readCommand(args, streams);
    return command === null ? CLEAN : await command(work);
  } catch (error) {
    if (!(error instanceof SoftadastraError) && !(error instanceof UsageError)) throw error;
    streams.stderr.write(`${error.message}\n`);
    if (error instanceof UsageError) streams.stderr.write("softadastra-wal --help says how.\n");
    return UNUSABLE;
  }
}

function readCommand(args: readonly string[], { stdout, stderr }: CliStreams) {
  const { values, positionals } = parse(args);
  const print = (text: string) => void stdout.write(`${text}\n`);
  const [name, path, ...rest] = positionals;
  const nothing = { command: null, work: null as never };
  if (values.help || (name === undefined && args.length === 0)) {
    print(USAGE);
    return nothing;
  }
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined)
    throw new UsageError(`There is no command ${name ?? ""}: ${Object.keys(COMMANDS).join(", ")}.`);
  if (path === undefined || path === "") throw new UsageError(`${name} needs the path of a log.`);
  const [min, max] = REST[name ?? ""] ?? [0, 0];
  if (rest.length < min) {
    throw new UsageError(`${name} needs ${name === "get" ? "the key" : "the file of rows"} behind the path.`);
  }
  if (rest.length > max) {
    throw new UsageError(
      `${rest.slice(max).join(" ")}: ${name === "diff" ? "two logs" : "one log"} at a time, please.`,
    );
  }
  const limit = values.limit === undefined ? Number.POSITIVE_INFINITY : Number(values.limit);
  if (!(limit >= 0) || (limit !== Number.POSITIVE_INFINITY && !Number.isInteger(limit))) {
    throw new UsageError(`--limit must be a whole number, not ${values.limit}.`);
  }
  const options = { ...values, limit };
  const work: CliWork = {
    path,
    rest,
    options,
    print,
    note: (text) => void stderr.write(`${text}\n`),
    printBytes: (bytes) => void stdout.write(bytes),
    printJson: (value) => print(JSON.stringify(value)),
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
  };
  return { command, work };
}

function parse(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        prefix: { type: "string" },
        limit: { type: "string" },
        base64: { type: "boolean", default: false },
        policy: { type: "string" },
        output: { type: "string", short: "o" },
        yes: { type: "boolean", default: false },
        expect: { type: "string" },
        keys: { type: "boolean", default: false },
        records: { type: "boolean", default: false },
        deleted: { type: "boolean", default: false },
        format: { type: "string" },
        values: { type: "string" },
        force: { type: "boolean", default: false },
        "skip-bad": { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
        create: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const { "skip-bad": skipBad, "dry-run": dryRun, prefix, limit, policy, output, format, expect, ...flags } = values;
    const words = { prefix, limit, policy, output, format, expect, values: values.values };
    return { values: { ...flags, ...words, skipBad, dryRun }, positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
