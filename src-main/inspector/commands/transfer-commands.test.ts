/** Exports and imports through the commands: what is selected, what is refused, stopping at each step, and what is left. */
import fs from "node:fs";
import { join } from "node:path";
import type { Input } from "@softadastra/inspector-contract";
import { Client, ClientOptions } from "@softadastra/sdk";
import { describe, expect, test } from "vitest";
import { startInspector, type TestInspector } from "../testing.ts";

type Export = Input<"transfer.export">;
const KEYS = {
  rows: "keys",
  view: null,
  withDeleted: false,
  filter: "all",
  search: "",
  format: "ndjson",
  values: "text",
} as const;
const LIST = { shape: "list", separator: "/", showLive: true, showDeleted: false } as const;

async function openDemo(): Promise<{ inspector: TestInspector; session: number }> {
  const inspector = startInspector();
  await inspector.call("session.openSample", { name: "demo" });
  const { session } = await inspector.indexed();
  return { inspector, session };
}

async function rowsOf(inspector: TestInspector, request: Omit<Export, "path" | "overwrite">): Promise<string> {
  const path = join(inspector.directory, "rows.out");
  const made = await inspector.call("transfer.export", { ...request, path, overwrite: true });
  const text = fs.readFileSync(path, "utf8");
  expect(made.fileBytes).toBe(Buffer.byteLength(text));
  return text;
}

const parsed = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const leftovers = (inspector: TestInspector) =>
  fs.readdirSync(inspector.directory).filter((name) => name.includes("partial"));

/** A log with as many keys, in mode Inspect. */
async function openMany(count: number): Promise<{ inspector: TestInspector; session: number; path: string }> {
  const inspector = startInspector();
  const path = join(inspector.directory, "many.wal");
  const client = new Client(ClientOptions.persistent("many", path));
  await client.open();
  await Promise.all(Array.from({ length: count }, (_, i) => client.put(`key/${i}`, `value ${i}`)));
  await client.close();
  const { session } = await inspector.open(path);
  return { inspector, session, path };
}

/** Machines that do much else. */
const WAIT = { timeout: 20_000 };
const PATIENCE = { timeout: 30_000 };

describe("export", PATIENCE, () => {
  test("of keys: all of them, with the deleted ones, or those of a list with its search", async () => {
    const { inspector, session } = await openDemo();
    const state = await inspector.indexed();
    const all = parsed(await rowsOf(inspector, { session, ...KEYS }));
    expect(all).toHaveLength(state.liveKeyCount);
    const keys = all.map(({ key, keyBase64 }) => Buffer.from(key ?? keyBase64, key === undefined ? "base64" : "utf8"));
    expect(keys).toEqual([...keys].sort(Buffer.compare));
    const deleted = parsed(await rowsOf(inspector, { session, ...KEYS, withDeleted: true }));
    expect(deleted.filter(({ operation }) => operation === "delete")).toHaveLength(state.deletedKeyCount);
    const { view } = await inspector.call("keys.open", { session, ...LIST, search: "key:profile value:team" });
    for (;;) {
      const page = await inspector.call("keys.rows", { view, start: 0, count: 500 });
      if (!page.isExact) continue;
      const shown = parsed(await rowsOf(inspector, { session, ...KEYS, view }));
      expect(shown.map(({ key }) => Buffer.from(key).toString("base64"))).toEqual(
        page.rows.map((row) => (row.kind === "key" ? row.key : "")),
      );
      break;
    }
  });

  test("of a list that is shown as of an earlier record: the values of then", async () => {
    const { inspector, session } = await openDemo();
    const { rows } = await inspector.call("log.rows", { session, filter: "all", search: "", start: 700, count: 1 });
    const asOf = rows[0]?.offset ?? 0;
    const { view } = await inspector.call("keys.open", { session, ...LIST, search: "" });
    const page = await inspector.call("keys.rows", { view, start: 0, count: 500, asOf });
    const exported = parsed(await rowsOf(inspector, { session, ...KEYS, view }));
    expect(exported.map(({ key, keyBase64 }) => keyBase64 ?? Buffer.from(key).toString("base64"))).toEqual(
      page.rows.map((row) => (row.kind === "key" ? row.key : "")),
    );
    expect(Math.max(...exported.map(({ offset }) => offset))).toBeLessThanOrEqual(asOf);
  });

  test.each(["torn", "damaged", "continued"] as const)(
    "of records of the %s sample: as Log lists them, filtered or not",
    async (name) => {
      const inspector = startInspector();
      await inspector.call("session.openSample", { name });
      const { session } = await inspector.indexed();
      for (const [filter, search] of [
        ["all", ""],
        ["all", "user"],
        ["problems", ""],
      ] as const) {
        const page = await inspector.call("log.rows", { session, filter, search, start: 0, count: 500 });
        const rows = parsed(await rowsOf(inspector, { session, ...KEYS, rows: "records", filter, search }));
        expect(rows.map(({ state, index, offset, bytes }) => [state, index ?? null, offset, bytes])).toEqual(
          page.rows.map(({ kind, index, offset, bytes }) => [
            kind === "record" ? "readable" : kind,
            index,
            offset,
            bytes,
          ]),
        );
      }
    },
  );

  test("the sample is the first rows as they are written", async () => {
    const { inspector, session } = await openDemo();
    for (const format of ["json", "ndjson", "csv"] as const) {
      for (const rows of ["keys", "records"] as const) {
        const request = { session, ...KEYS, format, rows, values: "none" } as const;
        const { head, lines, rowCount, isExact } = await inspector.call("transfer.sample", request);
        const whole = await rowsOf(inspector, request);
        expect([lines.length, isExact, rowCount]).toEqual([3, true, rows === "keys" ? 398 : 1_618]);
        expect(
          whole.startsWith(
            [head, ...lines]
              .filter((line) => line !== "")
              .join(format === "csv" ? "\r\n" : format === "json" ? "\n" : "\n")
              .slice(0, format === "json" ? head.length + 1 + (lines[0]?.length ?? 0) : undefined),
          ),
        ).toBe(true);
      }
    }
  });

  test("is refused onto the log, a folder, another log that is open, and a file that is there", async () => {
    const { inspector, session, path } = await openMany(3);
    const before = fs.readFileSync(path);
    const there = join(inspector.directory, "there.csv");
    fs.writeFileSync(there, "before");
    const other = join(inspector.directory, "other.wal");
    const client = new Client(ClientOptions.persistent("other", other));
    await client.open();
    await client.put("a", "b");
    const cases = [
      [path, true, "Refused"],
      [other, true, "Refused"],
      [inspector.directory, true, "NotAFile"],
      [there, false, "Exists"],
      [join(inspector.directory, "none/rows"), false, "NotFound"],
    ] as const;
    for (const [target, overwrite, code] of cases) {
      const place = { session, path: target, overwrite };
      expect([target, await inspector.codeOf("transfer.checkTarget", place)]).toEqual([target, code]);
      expect([target, await inspector.codeOf("transfer.export", { ...KEYS, ...place })]).toEqual([target, code]);
    }
    await client.close();
    expect(fs.readFileSync(path).equals(before)).toBe(true);
    expect(fs.readFileSync(there, "utf8")).toBe("before");
    expect(
      await inspector.codeOf("transfer.export", { session: session + 1, ...KEYS, path: there, overwrite: true }),
    ).toBe("SessionClosed");
    const records = { session, ...KEYS, rows: "records", path: there, overwrite: true } as const;
    expect(await inspector.codeOf("transfer.export", { ...records, search: "/(/" })).toBe("BadSearch");
  });

  test("stopped at any moment leaves no file, and the next export is taken", async () => {
    const { inspector, session } = await openMany(20_000);
    for (const delayMs of [0, 5, 60, 200]) {
      const stop = new AbortController();
      const path = join(inspector.directory, `rows-${delayMs}.ndjson`);
      const call = inspector.client.call("transfer.export", { session, ...KEYS, path, overwrite: false }, stop.signal);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      stop.abort();
      const answer = await call;
      // It may have been through already.
      if (answer.ok) continue;
      expect(answer.error.code).toBe("Cancelled");
      await expect.poll(() => inspector.codeOf("transfer.sample", { session, ...KEYS }), WAIT).toBe("ok");
      await expect.poll(() => leftovers(inspector), WAIT).toEqual([]);
      // It can come while the file is put in its place; then all of it is there.
      if (fs.existsSync(path)) expect(parsed(fs.readFileSync(path, "utf8"))).toHaveLength(20_000);
      if (delayMs === 0) expect(fs.existsSync(path)).toBe(false);
    }
    await expect.poll(async () => parsed(await rowsOf(inspector, { session, ...KEYS })).length, WAIT).toBe(20_000);
  });

  test("tells how far it is, and other questions are answered meanwhile; closing the file ends it", async () => {
    const { inspector, session } = await openMany(20_000);
    const seen: number[] = [];
    inspector.client.subscribe("progress", ({ task }) => {
      if (task?.rows) seen.push(task.rows.done);
    });
    const path = join(inspector.directory, "rows.ndjson");
    const call = inspector.client.call("transfer.export", { session, ...KEYS, path, overwrite: false });
    await inspector.call("log.rows", { session, filter: "all", search: "", start: 0, count: 10 });
    expect(await inspector.codeOf("transfer.export", { session, ...KEYS, path: `${path}2`, overwrite: false })).toBe(
      "Refused",
    );
    await expect.poll(() => seen.length, WAIT).toBeGreaterThan(0);
    await inspector.call("session.close", { session });
    const answer = await call;
    if (!answer.ok) expect(answer.error.code).toBe("SessionClosed");
    expect(answer.ok).toBe(fs.existsSync(path));
    expect(leftovers(inspector)).toEqual([]);
  });
});

describe("import", PATIENCE, () => {
  const write = (inspector: TestInspector, lines: readonly string[]) => {
    const path = join(inspector.directory, "in.ndjson");
    fs.writeFileSync(path, lines.join("\n"));
    return path;
  };

  test("counts what it would do, then does exactly that, and every screen has it", async () => {
    const { inspector, session } = await openDemo();
    const before = await inspector.indexed();
    const exported = parsed(await rowsOf(inspector, { session, ...KEYS }));
    const known = exported.find(({ key }) => key !== undefined).key;
    const path = write(inspector, [
      JSON.stringify({ key: known, value: "another" }),
      JSON.stringify({ key: "new/one", value: "1" }),
      JSON.stringify({ key: "new/one", value: "2" }),
      JSON.stringify({ key: exported.at(-1).key, operation: "delete" }),
    ]);
    const { check, plan, name } = await inspector.call("transfer.checkImport", { session, path });
    expect([name, plan]).toMatchObject([
      "in.ndjson",
      {
        putCount: 3,
        deleteCount: 1,
        keyCount: 3,
        newKeyCount: 1,
        replacedKeyCount: 1,
        deletedKeyCount: 1,
        badCount: 0,
      },
    ]);
    expect((await inspector.indexed()).fileBytes).toBe(before.fileBytes);
    const done = await inspector.call("transfer.import", { session, check, skipBad: false });
    expect(done).toEqual({ recordCount: 4, lastLine: 4, skippedCount: 0, isStopped: false, failure: null });
    const after = await inspector.indexed();
    expect(after.fileBytes - before.fileBytes).toBe(plan.recordBytes);
    expect(after.recordCount - before.recordCount).toBe(4);
    expect(after.unsavedCount).toBe(4);
    const key = Buffer.from("new/one").toString("base64");
    const value = await inspector.call("values.read", { session, key, start: 0, length: 10 });
    expect(Buffer.from(value.bytes, "base64").toString()).toBe("2");
    // A check is for one import.
    expect(await inspector.codeOf("transfer.import", { session, check, skipBad: false })).toBe("Refused");
  });

  test("all of one store into another: the same keys, byte for byte", async () => {
    const { inspector, session } = await openDemo();
    const path = join(inspector.directory, "all.ndjson");
    await inspector.call("transfer.export", { session, ...KEYS, path, overwrite: false });
    const content = (text: string) =>
      parsed(text).map((row) => ({ ...row, sequence: undefined, operationMs: undefined, offset: undefined }));
    const before = content(fs.readFileSync(path, "utf8"));
    const made = await inspector.call("session.create", { path: join(inspector.directory, "new.wal") });
    await inspector.indexed();
    const { check, plan } = await inspector.call("transfer.checkImport", { session: made.session, path });
    expect(plan.newKeyCount).toBe(398);
    await inspector.call("transfer.import", { session: made.session, check, skipBad: false });
    expect(content(await rowsOf(inspector, { session: made.session, ...KEYS }))).toEqual(before);
  });

  test("bad lines are told with their place, and are left out only when that is asked for", async () => {
    const { inspector, session } = await openDemo();
    const path = write(inspector, ['{"key":"a","value":"1"}', '{"key":"b","value":', '{"key":"c","value":"3"}']);
    const first = await inspector.call("transfer.checkImport", { session, path });
    expect(first.plan.badLines).toEqual([
      { line: 2, column: 20, reason: expect.stringMatching(/^the line ends here/) },
    ]);
    const stopped = await inspector.call("transfer.import", { session, check: first.check, skipBad: false });
    expect(stopped).toMatchObject({
      recordCount: 1,
      lastLine: 1,
      failure: expect.stringMatching(/^line 2, column 20/),
    });
    const second = await inspector.call("transfer.checkImport", { session, path });
    const done = await inspector.call("transfer.import", { session, check: second.check, skipBad: true });
    expect(done).toEqual({ recordCount: 2, lastLine: 3, skippedCount: 1, isStopped: false, failure: null });
  });

  test("is refused read-only, for what is no file of rows, and for a file that changed since", async () => {
    const { inspector, session } = await openMany(1);
    const path = write(inspector, ['{"key":"a","value":"1"}']);
    expect(await inspector.codeOf("transfer.checkImport", { session, path })).toBe("WrongMode");
    const state = await inspector.call("session.setMode", { session, mode: "sandbox" });
    await inspector.indexed();
    const code = (file: string) => inspector.codeOf("transfer.checkImport", { session: state.session, path: file });
    expect(await code(join(inspector.directory, "absent"))).toBe("NotFound");
    expect(await code(inspector.directory)).toBe("NotAFile");
    expect(await code(join(inspector.directory, "many.wal"))).toBe("Refused");
    const { check } = await inspector.call("transfer.checkImport", { session: state.session, path });
    fs.appendFileSync(path, '\n{"key":"z","value":"1"}');
    expect(await inspector.codeOf("transfer.import", { session: state.session, check, skipBad: true })).toBe("Refused");
    expect((await inspector.indexed()).liveKeyCount).toBe(1);
  });

  test("stopped it says what is written, which is a prefix of the rows and on the disk", async () => {
    const { inspector, session } = await openDemo();
    const rows = Array.from(
      { length: 20_000 },
      (_, i) => `{"key":"i/${String(i).padStart(6, "0")}","value":"${"v".repeat(100)}"}`,
    );
    const path = write(inspector, rows);
    const { check } = await inspector.call("transfer.checkImport", { session, path });
    const call = inspector.client.call("transfer.import", { session, check, skipBad: false });
    let isTold = false;
    inspector.client.subscribe("progress", ({ task }) => {
      if (task?.rows) isTold = true;
    });
    await expect.poll(() => isTold, { interval: 1, timeout: 20_000 }).toBe(true);
    await inspector.call("transfer.stopImport", { session });
    const answer = await call;
    if (!answer.ok) throw new Error(answer.error.message);
    const { recordCount, lastLine, isStopped } = answer.value;
    expect([isStopped, lastLine]).toEqual([true, recordCount]);
    expect(recordCount).toBeLessThan(rows.length);
    const { view } = await inspector.call("keys.open", { session, ...LIST, search: "key:i/" });
    await expect
      .poll(async () => (await inspector.call("keys.rows", { view, start: 0, count: 1 })).isExact, WAIT)
      .toBe(true);
    const page = await inspector.call("keys.rows", { view, start: Math.max(0, recordCount - 1), count: 5 });
    expect(page.keyCount).toBe(recordCount);
    expect(page.rows.map((row) => (row.kind === "key" ? row.label : ""))).toEqual([
      `i/${String(recordCount - 1).padStart(6, "0")}`,
    ]);
  });
});
