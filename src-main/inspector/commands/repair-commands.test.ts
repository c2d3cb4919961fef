/** What the policies give, and repairs, through the inspector's commands: against the SDK's plans and its reader. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { basename, join } from "node:path";
import type { PolicyName, PolicyRow } from "@softadastra/inspector-contract";
import { diffWal, inspectWal, planRepair, repairWal } from "@softadastra/sdk/wal";
import { describe, expect, onTestFinished, test } from "vitest";
import { encodeSampleRecord } from "../../../src-sdk/src/testing/sample-log.ts";
import { displayText } from "../log-view/display-text.ts";
import { startInspector, type TestInspector, tempDirectory } from "../testing.ts";

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");
const SDK = join(import.meta.dirname, "../../../src-sdk");
const SHARED = join(import.meta.dirname, "../../../../shared/fixtures/wal");
const sha256 = (path: string) => createHash("sha256").update(fs.readFileSync(path)).digest("hex");

async function open(bytes: Uint8Array, name = "node.wal") {
  const directory = tempDirectory();
  const path = join(directory, name);
  fs.writeFileSync(path, bytes);
  const inspector = startInspector();
  const { session } = await inspector.open(path);
  const names = () => fs.readdirSync(directory).sort();
  return { inspector, session, path, directory, names };
}

const openSample = (name: string) => open(fs.readFileSync(join(SAMPLES, `${name}.wal`)), `${name}.wal`);

async function allRows(inspector: TestInspector, session: number, count = 7): Promise<PolicyRow[]> {
  const rows: PolicyRow[] = [];
  for (;;) {
    const page = await inspector.call("health.policyRows", { session, filter: "all", start: rows.length, count });
    rows.push(...page.rows);
    if (rows.length >= page.rowCount) return rows;
  }
}

const put = (sequence: number, key: string, value: string) =>
  encodeSampleRecord({ sequence, operation: { kind: "put", key, value, timestampMs: 1_767_225_600_000 + sequence } });
const remove = (sequence: number, key: string) =>
  encodeSampleRecord({ sequence, operation: { kind: "delete", key, timestampMs: 1_767_225_600_000 + sequence } });
function damaged(record: Buffer): Buffer {
  const bytes = Buffer.from(record);
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 0xff;
  return bytes;
}

/** Every way in which a key can differ. */
const BEHIND = Buffer.concat([
  put(8, "other", "newer, and longer than a row shows: it goes on and on and on"),
  remove(9, "gone-behind"),
  put(10, "gone-before", "again"),
  put(11, "new", String.fromCharCode(0)),
  remove(12, "never-there"),
]);
const MIXED = Buffer.concat([
  put(1, "same", "v"),
  put(2, "other", "old"),
  put(3, "gone-behind", "v"),
  put(4, "gone-before", "v"),
  remove(5, "gone-before"),
  put(6, "undone", "v"),
  damaged(remove(7, "undone")),
  BEHIND,
]);

describe("the policies", () => {
  const files = [
    ...["demo", "torn", "damaged", "continued"].map((name) => join(SAMPLES, `${name}.wal`)),
    ...(fs.existsSync(SHARED) ? fs.readdirSync(SHARED).filter((name) => name.endsWith(".wal")) : []).map((name) =>
      join(SHARED, name),
    ),
  ];
  test.each(files.map((file) => [basename(file), file]))(
    "of %s are what the SDK would do, key by key",
    async (_, file) => {
      const { inspector, session } = await open(fs.readFileSync(file));
      const comparison = await inspector.call("health.policies", { session });
      const rows = await allRows(inspector, session);
      expect([comparison.isExact, rows.length]).toEqual([true, comparison.allCount]);
      for (const policy of ["valid-prefix", "skip-damaged"] as const) {
        const plan = (await planRepair(file, { policy })).value();
        const totals = policy === "valid-prefix" ? comparison.validPrefix : comparison.skipDamaged;
        expect(totals).toEqual({
          recordCount: plan.keptRecordCount,
          liveKeyCount: plan.keys.kept,
          keptBytes: plan.keptBytes,
          leftOutBytes: plan.droppedBytes,
          nextWriteSurvives: true,
        });
        const shown = rows.flatMap(({ name, validPrefixChange, skipDamagedChange }) => {
          const kind = policy === "valid-prefix" ? validPrefixChange : skipDamagedChange;
          return kind === null ? [] : [`${kind} ${name}`];
        });
        expect(shown.sort()).toEqual(
          plan.changes.map(({ kind, keyBytes }) => `${kind} ${displayText(keyBytes).text}`).sort(),
        );
      }
      // And the engine itself, where it wrote down what it recovered.
      const expected = file.replace(/\.wal$/, ".expected.json");
      if (!fs.existsSync(expected)) return;
      const engine = JSON.parse(fs.readFileSync(expected, "utf8"));
      expect(comparison.engine).toMatchObject({
        recordCount: engine.record_count,
        liveKeyCount: engine.entry_count,
        nextWriteSurvives: engine.next_put_survives_reopen,
      });
    },
  );

  test("tell every way in which a key can differ, with size, sequence and place of either side", async () => {
    const { inspector, session } = await open(MIXED);
    const rows = await allRows(inspector, session, 2);
    const told = rows.map(({ name, engine, skipDamaged, validPrefixChange, skipDamagedChange }) => [
      name,
      engine && `${engine.kind} #${engine.sequence} ${engine.valueBytes}`,
      skipDamaged && `${skipDamaged.kind} #${skipDamaged.sequence} ${skipDamaged.valueBytes}`,
      validPrefixChange,
      skipDamagedChange,
    ]);
    expect(told).toEqual([
      ["other", "put #2 3", "put #8 60", "outdated", "changed"],
      ["gone-behind", "put #3 1", "delete #9 0", "comes-back", "removed"],
      ["gone-before", "delete #5 0", "put #10 5", "lost", "comes-back"],
      ["new", null, "put #11 1", "lost", "added"],
      ["undone", "put #6 1", "put #6 1", "comes-back", "comes-back"],
    ]);
    expect(rows[0]?.skipDamaged?.preview).toBe("newer, and longer than a row shows: it goes on a…");
    expect(rows[3]?.skipDamaged).toMatchObject({ preview: "", isText: false });
    const deletedAt = MIXED.length - BEHIND.length - remove(7, "undone").length;
    expect(rows[4]?.damagedDeleteOffset).toBe(deletedAt);
    for (const [filter, count] of [
      ["all", 5],
      ["gained", 1],
      ["other", 1],
      ["comes-back", 3],
    ] as const) {
      const page = await inspector.call("health.policyRows", { session, filter, start: 0, count: 500 });
      expect([filter, page.rowCount, page.rows.length]).toEqual([filter, count, count]);
    }
    const past = await inspector.call("health.policyRows", { session, filter: "all", start: 99, count: 5 });
    expect([past.rowCount, past.rows]).toEqual([5, []]);
  });

  test("of a hundred thousand keys that differ are counted exactly and paged from any place", {
    timeout: 60_000,
  }, async () => {
    const records = [put(1, "front", "v"), damaged(put(2, "bad", "v"))];
    for (let i = 0; i < 100_000; i += 1) records.push(put(3 + i, `behind/${String(i).padStart(6, "0")}`, `value ${i}`));
    const { inspector, session } = await open(Buffer.concat(records));
    const comparison = await inspector.call("health.policies", { session });
    expect(comparison).toMatchObject({ isExact: true, allCount: 100_000, gainedCount: 100_000 });
    expect(comparison.skipDamaged?.liveKeyCount).toBe(100_001);
    for (const start of [0, 54_321, 99_999]) {
      const page = await inspector.call("health.policyRows", { session, filter: "gained", start, count: 1 });
      const name = `behind/${String(start).padStart(6, "0")}`;
      expect(page.rows[0]).toMatchObject({ name, skipDamaged: { preview: `value ${start}`, sequence: 3 + start } });
    }
  });

  test("are not told before reading is done; what was found twice by stopping and going on is counted once", async () => {
    const { inspector, session } = await openSample("damaged");
    await inspector.call("session.stop", { session });
    await inspector.call("session.resume", { session });
    await inspector.indexed();
    expect((await inspector.call("health.policies", { session })).allCount).toBe(5);
  });
});

async function plan(inspector: TestInspector, session: number, policy: PolicyName) {
  return inspector.call("repair.plan", { session, policy });
}

describe.each(["torn", "damaged", "continued"])("a repair of the %s sample", (name) => {
  test.each(["valid-prefix", "skip-damaged"] as const)(
    "by %s to a new file: exactly the plan, and the log untouched",
    async (policy) => {
      const { inspector, session, path, names } = await openSample(name);
      const before = fs.statSync(path, { bigint: true });
      const { plan: planned, places } = await plan(inspector, session, policy);
      expect(basename(places.outputPath)).toBe(`${name}-repaired.wal`);
      expect(basename(places.backupPath)).toMatch(new RegExp(`^${name}\\.wal\\.bak-\\d{8}T\\d{6}Z$`));
      expect(places.inPlaceObstacle).toBeNull();
      expect(planned.ranges.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(planned.fileBytes);
      const done = await inspector.call("repair.run", {
        session,
        policy,
        planId: planned.planId,
        target: { kind: "new-file", path: places.outputPath },
      });
      const after = fs.statSync(path, { bigint: true });
      expect([after.mtimeNs, after.ino, after.size]).toEqual([before.mtimeNs, before.ino, before.size]);
      expect(names()).toEqual([`${name}-repaired.wal`, `${name}.wal`]);
      expect(done).toMatchObject({
        outputPath: places.outputPath,
        backupPath: null,
        recordCount: planned.keptRecordCount,
        fileBytes: planned.resultBytes,
        comparedKeyCount: planned.keys.kept,
        sha256Before: sha256(path),
        sha256After: sha256(places.outputPath),
      });
      const reference = join(tempDirectory(), "reference.wal");
      (await repairWal(path, { policy, output: reference })).value();
      expect(fs.readFileSync(places.outputPath).equals(fs.readFileSync(reference))).toBe(true);
      expect((await inspectWal(places.outputPath)).value().verdict).toBe("clean");
      for (const { offset } of planned.ranges)
        expect(done.markdown).toContain(`0x${offset.toString(16).toUpperCase().padStart(5, "0")}`);
    },
  );

  test("in place: a backup equal byte for byte, a clean log under the old name, and reports beside it", async () => {
    const { inspector, session, path, names } = await openSample(name);
    const before = fs.readFileSync(path);
    const { plan: planned, places } = await plan(inspector, session, "skip-damaged");
    const { planId } = planned;
    const target = { kind: "in-place", backupPath: places.backupPath } as const;
    const done = await inspector.call("repair.run", { session, policy: "skip-damaged", planId, target });
    expect(fs.readFileSync(places.backupPath).equals(before)).toBe(true);
    expect([done.backupPath, done.sha256Before]).toEqual([places.backupPath, sha256(places.backupPath)]);
    const reloaded = await inspector.call("session.reload", { session });
    expect((await inspector.indexed()).verdict).toBe("clean");
    expect(await inspector.codeOf("repair.plan", { session: reloaded.session, policy: "skip-damaged" })).toBe(
      "Refused",
    );

    for (const format of ["markdown", "json"] as const) {
      const saved = await inspector.call("repair.saveReport", { repair: done.repair, format });
      const text = fs.readFileSync(saved.path, "utf8");
      expect(saved.fileBytes).toBe(Buffer.byteLength(text));
      if (format === "markdown") expect(text).toBe(done.markdown);
      else
        expect(JSON.parse(text)).toMatchObject({
          format: "softadastra-wal-repair",
          version: 1,
          path,
          backupPath: places.backupPath,
          plan: { ranges: planned.ranges, keys: planned.keys },
        });
      expect(await inspector.codeOf("repair.saveReport", { repair: done.repair, format })).toBe("Exists");
    }
    expect(names()).toHaveLength(4);
    expect(await inspector.codeOf("repair.saveReport", { repair: 99, format: "json" })).toBe("NotFound");
  });
});

describe("a repair is refused, and nothing is written,", () => {
  const run = (session: number, planId: string, path: string) =>
    ({ session, policy: "skip-damaged", planId, target: { kind: "new-file", path } }) as const;

  test("for a clean log, an empty one, and in any mode but Inspect", async () => {
    const clean = await openSample("demo");
    const input = { session: clean.session, policy: "skip-damaged" } as const;
    const refused = await clean.inspector.client.call("repair.plan", input);
    expect(refused).toMatchObject({
      ok: false,
      error: { code: "Refused", message: "demo.wal is clean: there is nothing to repair." },
    });
    expect(await clean.inspector.codeOf("repair.run", run(clean.session, "", join(clean.directory, "x.wal")))).toBe(
      "Refused",
    );
    const empty = await open(new Uint8Array(0));
    expect(await empty.inspector.codeOf("repair.plan", { ...input, session: empty.session })).toBe("Refused");
    const torn = await openSample("torn");
    const { session } = await torn.inspector.call("session.setMode", { session: torn.session, mode: "sandbox" });
    await torn.inspector.indexed();
    expect(await torn.inspector.codeOf("repair.plan", { ...input, session })).toBe("WrongMode");
    expect(await torn.inspector.codeOf("repair.run", run(session, "", join(torn.directory, "x.wal")))).toBe(
      "WrongMode",
    );
    expect(torn.names()).toEqual(["torn.wal"]);
  });

  test("when the file does not give the plan that was shown any more", async () => {
    const { inspector, session, path, directory, names } = await openSample("damaged");
    const { plan: planned } = await plan(inspector, session, "skip-damaged");
    fs.appendFileSync(path, put(99, "late", "v"));
    const bytes = fs.readFileSync(path);
    const answer = await inspector.client.call("repair.run", run(session, planned.planId, join(directory, "x.wal")));
    expect(answer).toMatchObject({ ok: false, error: { code: "Refused" } });
    if (!answer.ok) expect(answer.error.message).toContain("not what the repair was planned for any more");
    const target = { kind: "in-place", backupPath: join(directory, "b") } as const;
    const input = { session, policy: "skip-damaged", planId: planned.planId, target } as const;
    expect(await inspector.codeOf("repair.run", input)).toBe("Refused");
    // A plan of the other policy is another plan.
    expect(await inspector.codeOf("repair.run", { ...input, policy: "valid-prefix" })).toBe("Refused");
    expect(fs.readFileSync(path).equals(bytes)).toBe(true);
    expect(names()).toEqual(["damaged.wal"]);
  });

  test("where something is already, where no folder is, and for a folder", async () => {
    const { inspector, session, path, directory, names } = await openSample("damaged");
    const { planId } = (await plan(inspector, session, "skip-damaged")).plan;
    const codeAt = (at: string) => inspector.codeOf("repair.run", run(session, planId, at));
    expect(await codeAt(path)).toBe("Exists");
    expect(await codeAt(directory)).toBe("NotAFile");
    expect(await codeAt(join(directory, "no/such/x.wal"))).toBe("NotFound");
    const target = { kind: "in-place", backupPath: path } as const;
    expect(await inspector.codeOf("repair.run", { session, policy: "skip-damaged", planId, target })).toBe("Exists");
    expect(names()).toEqual(["damaged.wal"]);
  });

  test("while another process holds the log, with its number", async () => {
    const { inspector, session, path, directory } = await openSample("damaged");
    const { planId } = (await plan(inspector, session, "skip-damaged")).plan;
    const script = `import { WalLock } from ${JSON.stringify(join(SDK, "dist/wal/lock.js"))};
      import { nodeFileSystem, systemClock } from ${JSON.stringify(join(SDK, "dist/tools.js"))};
      await WalLock.acquire(${JSON.stringify(path)}, { fileSystem: nodeFileSystem, clock: systemClock });
      console.log("held"); setInterval(() => undefined, 1000);`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void holder.kill());
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const input = run(session, planId, join(directory, "x.wal"));
    for (const answer of [
      await inspector.client.call("repair.plan", { session, policy: "skip-damaged" }),
      await inspector.client.call("repair.run", input),
    ]) {
      expect(answer).toMatchObject({ ok: false, error: { code: "Locked", details: { pid: holder.pid } } });
      if (!answer.ok) expect(answer.error.message).toContain(`process ${holder.pid}`);
    }
    expect(fs.existsSync(join(directory, "x.wal"))).toBe(false);
  });

  test("in place, for a bundled sample: it has no place of its own", async () => {
    const inspector = startInspector();
    const { session } = await inspector.call("session.openSample", { name: "damaged" });
    await inspector.indexed();
    const { plan: planned, places } = await plan(inspector, session, "skip-damaged");
    expect(places.inPlaceObstacle).toContain("without a place of its own");
    const target = { kind: "in-place", backupPath: join(inspector.directory, "b") } as const;
    const input = { session, policy: "skip-damaged", planId: planned.planId, target } as const;
    expect(await inspector.codeOf("repair.run", input)).toBe("Refused");
    expect(fs.existsSync(join(inspector.directory, "b"))).toBe(false);
  });
});

test("a repair that is stopped leaves the log and its folder as they were; the next one is done", {
  timeout: 60_000,
}, async () => {
  const records = [put(1, "front", "v"), damaged(put(2, "bad", "v"))];
  for (let i = 0; i < 40_000; i += 1) records.push(put(3 + i, `behind/${i}`, "x".repeat(400)));
  const { inspector, session, path, directory, names } = await open(Buffer.concat(records));
  const before = sha256(path);
  const { plan: planned, places } = await plan(inspector, session, "skip-damaged");
  const { planId } = planned;
  const target = { kind: "in-place", backupPath: places.backupPath } as const;
  const labels = new Set<string>();
  inspector.client.subscribe("progress", ({ task }) => {
    if (task !== null) labels.add(task.label);
  });
  // Stopped at once, and while each of its parts is under way.
  for (const label of ["", "Reading the log", "Copying the log", "Writing the repaired log"]) {
    const begun = new Promise<void>((resolve) => {
      const off = inspector.client.subscribe("progress", ({ task }) => {
        if (!task?.label.startsWith(label) && label !== "") return;
        off();
        resolve();
      });
    });
    const running = inspector.client.call("repair.run", { session, policy: "skip-damaged", planId, target });
    await begun;
    await inspector.call("repair.stop", { session });
    expect(await running).toMatchObject({ ok: false, error: { code: "Refused", message: "The repair was stopped." } });
    expect([names(), sha256(path)]).toEqual([["node.wal"], before]);
  }

  const output = { kind: "new-file", path: join(directory, "new.wal") } as const;
  const done = await inspector.call("repair.run", { session, policy: "skip-damaged", planId, target: output });
  expect(done.comparedKeyCount).toBe(40_001);
  expect(labels.size).toBeGreaterThan(2);
  const same = diffWal(path, output.path, { beforePolicy: "skip-damaged" });
  expect((await same.next()).done).toBe(true);
});
