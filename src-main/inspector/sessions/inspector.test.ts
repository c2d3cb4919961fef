import { createHash } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import { Client, ClientOptions } from "@softadastra/sdk";
import { inspectWal } from "@softadastra/sdk/wal";
import { describe, expect, test, vi } from "vitest";
import { startInspector, type TestInspector, tempDirectory } from "../testing.ts";
import { Recents } from "./settings.ts";

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");
const base64 = (text: string) => Buffer.from(text).toString("base64");
const text = (bytes: string) => Buffer.from(bytes, "base64").toString();

/** A copy of a sample in a directory of its own, with times of its own. */
function sampleCopy(name: string): string {
  const path = join(tempDirectory(), `${name}.wal`);
  fs.copyFileSync(join(SAMPLES, `${name}.wal`), path);
  const past = new Date("2026-01-01T00:00:00Z");
  fs.utimesSync(path, past, past);
  return path;
}

function footprint(path: string) {
  const directory = join(path, "..");
  const stat = fs.statSync(path);
  return {
    sha256: createHash("sha256").update(fs.readFileSync(path)).digest("hex"),
    size: stat.size,
    mtimeMs: stat.mtimeMs,
    ctimeMs: stat.ctimeMs,
    listing: fs.readdirSync(directory).sort(),
    directoryMtimeMs: fs.statSync(directory).mtimeMs,
  };
}

async function openView(inspector: TestInspector, session: number, change: object = {}) {
  const options = { shape: "list", separator: "/", search: "", showLive: true, showDeleted: false, ...change } as const;
  return (await inspector.call("keys.open", { session, ...options })).view;
}

async function labels(inspector: TestInspector, view: number): Promise<string[]> {
  for (;;) {
    const page = await inspector.call("keys.rows", { view, start: 0, count: 500 });
    if (page.isExact)
      return page.rows.map((row) => (row.kind === "folder" ? `${row.label}/ ${row.keyCount}` : row.label));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function readText(inspector: TestInspector, session: number, key: string) {
  return text((await inspector.call("values.read", { session, key: base64(key), start: 0, length: 1000 })).bytes);
}

describe("Inspect", () => {
  test.each(["demo", "torn", "damaged", "continued"])(
    "leaves %s.wal, its times and its folder as they are, whatever is looked at",
    async (name) => {
      const inspector = startInspector();
      const path = sampleCopy(name);
      const atimeMs = fs.statSync(path).atimeMs;
      const before = footprint(path);
      // Reading it for the checksum may have changed the access time: what counts is what the inspector does.
      fs.utimesSync(path, new Date(atimeMs), new Date(before.mtimeMs));
      const ctimeMs = fs.statSync(path).ctimeMs;
      const { session } = await inspector.open(path);
      const view = await openView(inspector, session, { shape: "tree", showDeleted: true });
      await inspector.call("keys.rows", { view, start: 0, count: 100 });
      await labels(inspector, await openView(inspector, session, { search: "value:a" }));
      const key = base64("user/42/profile");
      await inspector.call("keys.describe", { session, key, separator: "/" });
      await readText(inspector, session, "user/42/profile");
      await inspector.call("health.report", { session });
      await inspector.call("log.strip", { session, columns: 100 });
      await inspector.call("sync.outbox", { session, filter: "all", search: "", start: 0, count: 50 });
      await inspector.call("session.planWrite", { session });
      for (const [command, input] of [
        ["store.put", { session, key, value: "" }],
        ["store.remove", { session, key }],
        ["sync.tick", { session, prune: false }],
        ["sync.retryFailed", { session }],
        ["sync.run", { session, everyMs: 1000 }],
        ["session.saveAs", { session, path: join(path, "../copy.wal"), overwrite: false }],
      ] as const) {
        expect([command, await inspector.codeOf(command, input as never)]).toEqual([command, "WrongMode"]);
      }
      expect(fs.statSync(path).atimeMs).toBe(atimeMs);
      expect(fs.statSync(path).ctimeMs).toBe(ctimeMs);
      await inspector.call("session.close", { session });
      expect({ ...footprint(path), ctimeMs: before.ctimeMs }).toEqual(before);
    },
  );

  test("tells counts and verdict of each sample", async () => {
    const inspector = startInspector();
    for (const [name, expected] of [
      ["demo", { verdict: "clean", unreachableRecordCount: 0 }],
      ["torn", { verdict: "torn-tail", recordCount: 40, tailBytes: 39, unreachableRecordCount: 0 }],
      ["damaged", { verdict: "damaged", recordCount: 40, unreachableRecordCount: 7 }],
      ["continued", { verdict: "damaged", recordCount: 28, unreachableRecordCount: 4 }],
    ] as const) {
      const state = await inspector.open(join(SAMPLES, `${name}.wal`));
      const report = (await inspectWal(join(SAMPLES, `${name}.wal`))).value();
      expect(state).toMatchObject({
        ...expected,
        mode: "inspect",
        liveKeyCount: report.keyCount,
        fileBytes: report.fileBytes,
      });
      const health = await inspector.call("health.report", { session: state.session });
      expect(health.findings.map((finding) => finding.code)).toEqual(report.findings.map((finding) => finding.code));
      expect(health.stop?.offset ?? null).toBe(report.stop?.offset ?? null);
      const regionBytes = health.regions.reduce((sum, region) => sum + region.bytes, 0);
      expect(health.validBytes + regionBytes).toBe(health.fileBytes);
    }
  });

  test("notices that another program appends to the file, replaces it, or removes it", async () => {
    const inspector = startInspector();
    const path = sampleCopy("demo");
    const disk = async () => (await inspector.call("session.current", {})).state?.disk;
    const until = async (wanted: string) => {
      for (let i = 0; i < 100 && (await disk()) !== wanted; i += 1)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await disk()).toBe(wanted);
    };
    const { session } = await inspector.open(path);
    await inspector.call("session.follow", { session, isOn: false });
    fs.appendFileSync(path, "1LAW");
    await until("grown");
    const reloaded = await inspector.call("session.reload", { session });
    expect((await inspector.indexed()).verdict).toBe("torn-tail");
    expect(reloaded.session).not.toBe(session);
    fs.writeFileSync(`${path}.new`, "");
    fs.renameSync(`${path}.new`, path);
    await until("replaced");
    fs.rmSync(path);
    await until("missing");
    expect(await inspector.codeOf("session.reload", { session: reloaded.session })).toBe("NotFound");
  });
});

describe("opening", () => {
  test("a file that is no log answers with its first bytes, and is searched whole when asked", async () => {
    const inspector = startInspector();
    const path = join(tempDirectory(), "invoice.pdf");
    fs.writeFileSync(
      path,
      Buffer.concat([
        Buffer.from("%PDF-1.7\n"),
        Buffer.alloc(100_000, 0x41),
        fs.readFileSync(join(SAMPLES, "torn.wal")),
      ]),
    );
    const quick = await inspector.call("session.open", { path });
    expect(quick).toMatchObject({ kind: "not-a-wal", name: "invoice.pdf", searchedBytes: 65_536 });
    expect(quick.kind === "not-a-wal" && text(quick.firstBytes)).toContain("%PDF-1.7");
    const whole = await inspector.call("session.open", { path, searchWhole: true });
    expect(whole.kind).toBe("session");
    expect(await inspector.indexed()).toMatchObject({ verdict: "damaged", recordCount: 0, unreachableRecordCount: 40 });
    fs.writeFileSync(path, Buffer.alloc(100_000, 0x41));
    expect(await inspector.call("session.open", { path, searchWhole: true })).toMatchObject({
      kind: "not-a-wal",
      searchedBytes: 100_000,
    });
  });

  test("an empty file is a valid, empty log", async () => {
    const inspector = startInspector();
    const path = join(tempDirectory(), "empty.wal");
    fs.writeFileSync(path, "");
    expect(await inspector.open(path)).toMatchObject({
      verdict: "clean",
      recordCount: 0,
      fileBytes: 0,
      liveKeyCount: 0,
    });
    const { session } = await inspector.indexed();
    expect(await labels(inspector, await openView(inspector, session))).toEqual([]);
    expect((await inspector.call("log.strip", { session, columns: 10 })).puts).toEqual(
      Array.from({ length: 10 }, () => 0),
    );
  });

  test("a folder lists its logs; what is missing or no file is told", async () => {
    const inspector = startInspector();
    const folder = await inspector.call("session.open", { path: SAMPLES });
    expect(folder.kind === "folder" && folder.logs.map((log) => log.name)).toEqual([
      "continued.wal",
      "damaged.wal",
      "demo.wal",
      "torn.wal",
    ]);
    expect(await inspector.codeOf("session.open", { path: "/no/such/file.wal" })).toBe("NotFound");
    expect(await inspector.codeOf("session.open", { path: "/dev/null" })).toBe("NotAFile");
  });

  test("another file takes the place of the open one; late questions about the old one are refused", async () => {
    const inspector = startInspector();
    const first = await inspector.open(join(SAMPLES, "torn.wal"));
    const view = await openView(inspector, first.session);
    const second = await inspector.open(join(SAMPLES, "demo.wal"));
    expect(second.session).not.toBe(first.session);
    expect(await inspector.codeOf("keys.rows", { view, start: 0, count: 1 })).toBe("ViewClosed");
    expect(await inspector.codeOf("health.report", { session: first.session })).toBe("SessionClosed");
    // A failed opening leaves the open file open.
    expect(await inspector.codeOf("session.open", { path: "/no/such/file.wal" })).toBe("NotFound");
    expect((await inspector.call("session.current", {})).state?.session).toBe(second.session);
  });

  test("reading can be stopped, says so far, and goes on", async () => {
    const path = join(tempDirectory(), "large.wal");
    const piece = fs.readFileSync(join(SAMPLES, "demo.wal"));
    fs.writeFileSync(path, Buffer.concat(Array.from({ length: 200 }, () => piece)));
    const records = (await inspectWal(join(SAMPLES, "demo.wal"))).value().recordCount;
    const inspector = startInspector();
    const opened = await inspector.call("session.open", { path });
    const session = opened.kind === "session" ? opened.state.session : -1;
    await inspector.call("session.stop", { session });
    const stopped = await inspector.indexed();
    expect(stopped.indexing.phase).toBe("stopped");
    expect(stopped.verdict).toBeNull();
    expect(stopped.recordCount).toBeLessThan(records * 200);
    const view = await openView(inspector, session);
    expect((await inspector.call("keys.rows", { view, start: 0, count: 1 })).isExact).toBe(false);
    expect(await inspector.codeOf("session.setMode", { session, mode: "write" })).toBe("NotIndexed");
    await inspector.call("session.resume", { session });
    expect(await inspector.indexed()).toMatchObject({ recordCount: records * 200, verdict: "clean" });
    expect((await inspector.call("keys.rows", { view, start: 0, count: 1 })).isExact).toBe(true);
  });

  test("a file that is read before it is among the recent ones keeps its verdict", async () => {
    const { remember } = Recents.prototype;
    vi.spyOn(Recents.prototype, "remember").mockImplementation(async function (this: Recents, file) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return remember.call(this, file);
    });
    const inspector = startInspector();
    await inspector.open(sampleCopy("torn"));
    await expect
      .poll(async () => (await inspector.call("recents.list", {})).recents.map(({ verdict }) => verdict))
      .toEqual(["torn-tail"]);
  });

  test("recent files are remembered with their verdict, over restarts of the inspector", async () => {
    const inspector = startInspector();
    const [torn, demo] = [sampleCopy("torn"), sampleCopy("demo")];
    await inspector.open(torn);
    await inspector.open(demo);
    fs.rmSync(demo);
    const { recents } = await inspector.call("recents.list", {});
    expect(recents.map(({ name, verdict, fileBytes }) => [name, verdict, fileBytes])).toEqual([
      ["demo.wal", "clean", null],
      ["torn.wal", "torn-tail", 3643],
    ]);
    await inspector.call("settings.write", { name: "theme", value: "dark" });
    const kept = JSON.parse(fs.readFileSync(join(inspector.directory, "inspector-data/recents.json"), "utf8"));
    expect(kept.length).toBe(2);
    await inspector.call("recents.remove", { path: demo });
    expect((await inspector.call("recents.list", {})).recents.length).toBe(1);
    await inspector.call("recents.clear", {});
    expect((await inspector.call("recents.list", {})).recents).toEqual([]);
    expect((await inspector.call("app.info", {})).settings).toEqual({ theme: "dark" });
  });

  test("a dropped file comes in pieces, is inspected, and can be worked on in a sandbox only", async () => {
    const inspector = startInspector();
    const bytes = fs.readFileSync(join(SAMPLES, "torn.wal"));
    const { drop } = await inspector.call("drop.begin", { name: "../../field.wal", fileBytes: bytes.length });
    for (let start = 0; start < bytes.length; start += 1000) {
      await inspector.call("drop.write", {
        drop,
        start,
        bytes: bytes.subarray(start, start + 1000).toString("base64"),
      });
    }
    expect(await inspector.call("drop.finish", { drop })).toMatchObject({ kind: "session" });
    const state = await inspector.indexed();
    expect(state).toMatchObject({ name: "field.wal", source: "dropped", verdict: "torn-tail" });
    expect(fs.existsSync(state.path)).toBe(true);
    expect(await inspector.call("session.planWrite", { session: state.session })).toMatchObject({ canWrite: false });
    expect(await inspector.codeOf("session.setMode", { session: state.session, mode: "write" })).toBe("WrongMode");
    expect(await inspector.codeOf("drop.finish", { drop })).toBe("NotFound");
    await inspector.call("session.close", { session: state.session });
    expect(fs.existsSync(state.path)).toBe(false);
  });
});

describe("Sandbox", () => {
  test("edits, ticks and saves a copy; the file that was opened stays as it is", async () => {
    const inspector = startInspector();
    const path = sampleCopy("torn");
    const before = footprint(path);
    const opened = await inspector.open(path);
    const { session } = await inspector.call("session.setMode", { session: opened.session, mode: "sandbox" });
    const state = await inspector.indexed();
    expect(state).toMatchObject({
      mode: "sandbox",
      verdict: "clean",
      recordCount: 40,
      originPath: path,
      unsavedCount: 0,
    });
    const outboxBefore = state.outboxOpenCount;

    const put = await inspector.call("store.put", { session, key: base64("notes/today"), value: base64("call back") });
    expect(put).toMatchObject({ sequence: 41, outboxOpenCount: outboxBefore + 1 });
    expect(await readText(inspector, session, "notes/today")).toBe("call back");
    const described = await inspector.call("keys.describe", { session, key: base64("notes/today"), separator: "/" });
    expect(described).toMatchObject({
      current: { sequence: 41, offset: put.offset, kind: "put" },
      delivery: { status: "queued", attempts: 0, syncId: "torn-41" },
      name: { segments: ["notes/", "today"] },
      isDeleted: false,
    });
    const tick = await inspector.call("sync.tick", { session, prune: false });
    expect(tick).toMatchObject({ number: 1, batchSize: outboxBefore + 1, retriedCount: 0 });
    const rows = await inspector.call("sync.outbox", {
      session,
      filter: "in_flight",
      search: "today",
      start: 0,
      count: 100,
    });
    expect(rows.rows.at(-1)).toMatchObject({
      name: "notes/today",
      version: 41,
      offset: put.offset,
      status: "in_flight",
      attempts: 1,
    });

    const target = join(path, "../saved.wal");
    expect(
      await inspector.codeOf("session.saveAs", { session, path: join(path, "../no/where.wal"), overwrite: false }),
    ).toBe("NotFound");
    await inspector.call("session.saveAs", { session, path: target, overwrite: false });
    expect(await inspector.codeOf("session.saveAs", { session, path: target, overwrite: false })).toBe("Exists");
    await inspector.call("session.saveAs", { session, path: target, overwrite: true });
    expect((await inspector.indexed()).unsavedCount).toBe(0);
    expect(fs.readdirSync(join(path, "..")).sort()).toEqual(["saved.wal", "torn.wal"]);
    fs.rmSync(target, { force: false });
    expect({ ...footprint(path), directoryMtimeMs: 0 }).toEqual({ ...before, directoryMtimeMs: 0 });
    const temporary = join(state.path, "..");
    await inspector.call("session.close", { session });
    expect(fs.existsSync(temporary)).toBe(false);
  });

  test("of a damaged log holds what is readable, and can be written to", async () => {
    const inspector = startInspector();
    const path = sampleCopy("damaged");
    const opened = await inspector.open(path);
    const { session } = await inspector.call("session.setMode", { session: opened.session, mode: "sandbox" });
    expect(await inspector.indexed()).toMatchObject({ mode: "sandbox", verdict: "clean", recordCount: 40 });
    expect((await inspector.call("store.put", { session, key: base64("k"), value: base64("v") })).sequence).toBe(41);
  });

  test("a deleted key is brought back by its undo, a renamed one is two records, an added one must be new", async () => {
    const inspector = startInspector();
    const { session } = await inspector.call("session.openSample", { name: "demo" });
    await inspector.indexed();
    const key = base64("draft/1");
    const value = await readText(inspector, session, "draft/1");
    const removed = await inspector.call("store.remove", { session, key });
    expect(await inspector.codeOf("values.read", { session, key, start: 0, length: 10 })).toBe("KeyAbsent");
    expect(await inspector.codeOf("store.remove", { session, key })).toBe("KeyAbsent");
    const deleted = await inspector.call("keys.describe", { session, key, separator: "/" });
    expect(deleted).toMatchObject({ isDeleted: true, current: { kind: "delete", sequence: removed.sequence } });
    await inspector.call("store.restore", { session, key, offset: removed.previousOffset });
    expect(await readText(inspector, session, "draft/1")).toBe(value);

    expect(await inspector.codeOf("store.put", { session, key, value: "", mustBeNew: true })).toBe("Exists");
    expect(await inspector.codeOf("store.rename", { session, key, to: base64("draft/2") })).toBe("Exists");
    const renamed = await inspector.call("store.rename", { session, key, to: base64("draft/one") });
    expect(renamed.deleteSequence).toBe(renamed.putSequence + 1);
    expect(await readText(inspector, session, "draft/one")).toBe(value);
    expect((await inspector.call("keys.describe", { session, key, separator: "/" })).isDeleted).toBe(true);
    expect(
      await inspector.codeOf("store.restore", { session, key: base64("draft/2"), offset: removed.previousOffset }),
    ).toBe("KeyAbsent");
    expect((await inspector.indexed()).unsavedCount).toBe(4);
  });

  test("ticks time out, retry and fail as the node does; running ticks by itself", async () => {
    const inspector = startInspector();
    const { session } = await inspector.call("session.openSample", { name: "demo" });
    const open = (await inspector.indexed()).outboxOpenCount;
    expect(open).toBeGreaterThan(5);
    await inspector.call("sync.run", { session, everyMs: 100 });
    await new Promise((resolve) => setTimeout(resolve, 350));
    await inspector.call("sync.run", { session, everyMs: null });
    const state = await inspector.call("sync.state", { session });
    expect(state.ticks.length).toBeGreaterThanOrEqual(2);
    expect(state).toMatchObject({ inFlightCount: open, queuedCount: 0, runningEveryMs: null, stuckCount: 0 });
    for (const [filter, count] of [
      ["all", open],
      ["open", open],
      ["in_flight", open],
      ["failed", 0],
      ["stuck", 0],
      ["queued", 0],
    ] as const) {
      const page = await inspector.call("sync.outbox", { session, filter, search: "", start: 0, count: 5 });
      expect([filter, page.rowCount, page.rows.length]).toEqual([filter, count, Math.min(5, count)]);
    }
    const second = await inspector.call("sync.outbox", { session, filter: "all", search: "", start: 5, count: 5 });
    expect(second.rows.length).toBe(Math.min(5, open - 5));
    expect(
      (await inspector.call("sync.outbox", { session, filter: "all", search: "no such key", start: 0, count: 5 }))
        .rowCount,
    ).toBe(0);
  });
});

describe("Write", () => {
  test("on a torn log says what would be moved aside, moves it, and continues", async () => {
    const inspector = startInspector();
    const path = sampleCopy("torn");
    const opened = await inspector.open(path);
    const plan = await inspector.call("session.planWrite", { session: opened.session });
    expect(plan).toMatchObject({ canWrite: true, tornBytes: 39, tornOffset: 3604, recordCount: 40, holderPid: null });
    expect(plan.setAsideName).toMatch(/^torn\.wal\.torn-\d{8}T\d{6}Z$/);
    const { session } = await inspector.call("session.setMode", { session: opened.session, mode: "write" });
    expect(await inspector.indexed()).toMatchObject({
      mode: "write",
      verdict: "clean",
      recordCount: 40,
      fileBytes: 3604,
    });
    await inspector.call("store.put", { session, key: base64("k"), value: base64("written") });
    await inspector.call("session.close", { session });
    const aside = fs.readdirSync(join(path, "..")).filter((name) => name.includes(".torn-"));
    expect(aside.length).toBe(1);
    expect(fs.statSync(join(path, "..", aside[0] as string)).size).toBe(39);
    const again = await inspector.open(path);
    expect(again).toMatchObject({ verdict: "clean", recordCount: 41 });
    expect(await readText(inspector, again.session, "k")).toBe("written");
    expect(again.outboxOpenCount).toBe(41);
  });

  test.each(["damaged", "continued"])("on %s.wal is refused, and the file is not touched", async (name) => {
    const inspector = startInspector();
    const path = sampleCopy(name);
    const before = footprint(path);
    const { session } = await inspector.open(path);
    const plan = await inspector.call("session.planWrite", { session });
    expect(plan.canWrite).toBe(false);
    expect(plan.reason).toContain("damaged log is never written to");
    expect(await inspector.codeOf("session.setMode", { session, mode: "write" })).toBe("Damaged");
    expect({ ...footprint(path), directoryMtimeMs: 0 }).toEqual({ ...before, directoryMtimeMs: 0 });
    expect((await inspector.call("session.current", {})).state).toMatchObject({ session, mode: "inspect" });
  });

  test("is refused with the holder's process while a node has the log open", async () => {
    const inspector = startInspector();
    const path = sampleCopy("demo");
    const holder = new Client(ClientOptions.persistent("other", path));
    (await holder.open()).value();
    const { session } = await inspector.open(path);
    expect(await inspector.call("session.planWrite", { session })).toMatchObject({
      canWrite: false,
      holderPid: process.pid,
    });
    expect(await inspector.codeOf("session.setMode", { session, mode: "write" })).toBe("Locked");
    (await holder.close()).value();
    expect(await inspector.call("session.setMode", { session, mode: "write" })).toMatchObject({ mode: "write" });
  });

  test("a new store starts empty, and a path where something is is refused", async () => {
    const inspector = startInspector();
    const directory = tempDirectory();
    const path = join(directory, "fresh.wal");
    const { session } = await inspector.call("session.create", { path });
    expect(await inspector.indexed()).toMatchObject({ mode: "write", recordCount: 0, nodeId: "fresh", fileBytes: 0 });
    expect((await inspector.call("store.put", { session, key: base64("k"), value: base64("v") })).sequence).toBe(1);
    expect(await inspector.codeOf("session.create", { path })).toBe("Exists");
    expect(await inspector.codeOf("session.create", { path: join(directory, "no/where.wal") })).toBe("NotFound");
  });
});

describe("what the system refuses", () => {
  test("is said in words that name the path", async () => {
    const inspector = startInspector();
    const taken = sampleCopy("demo");
    const answer = await inspector.client.call("session.create", { path: taken });
    expect(answer.ok ? null : answer.error).toMatchObject({
      code: "Exists",
      message: `${taken} exists already: choose another name.`,
    });
    const absent = await inspector.client.call("session.create", { path: join(taken, "..", "no", "new.wal") });
    expect(absent.ok ? null : absent.error.message).toMatch(/no\/new\.wal does not exist\.$/);
  });
});
