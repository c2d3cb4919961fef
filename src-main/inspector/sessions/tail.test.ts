/** Files that others write while they are open here: a busy writer in a process of its own, and compaction by our own. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Client, ClientOptions } from "@softadastra/sdk";
import { expect, onTestFinished, test } from "vitest";
import { encodeSampleRecord, SAMPLE_EPOCH_MS, sampleLog } from "../../../src-sdk/src/testing/sample-log.ts";
import { encodeMark, MARK_ACKNOWLEDGED } from "../../../src-sdk/src/wal/marks.ts";
import { startedInspector, startInspector, type TestInspector, tempDirectory } from "../testing.ts";

const RATE = 10_000;
const SECONDS = 10;
const COUNT = RATE * SECONDS;
/**
 * No answer of the host, and no turn of its loop, may take longer: far above the 65 ms it takes on an idle machine. Where
 * other programs take the processors several times over, everything takes as many times as long.
 */
const ANSWER_MS_MAX = 500 * Math.max(1, Math.floor((os.loadavg()[0] ?? 0) / os.cpus().length));

/** Appends the records of a file to another, each with a write of its own, so many a second; without it as fast as they should be by now. */
const WRITER = `
  const fs = require("node:fs");
  const [source, target, length, rate] = process.argv.slice(1);
  const bytes = fs.readFileSync(source);
  const size = Number(length);
  const fd = fs.openSync(target, "a");
  const started = performance.now();
  let done = 0;
  const timer = setInterval(() => {
    const due = Math.min(bytes.length / size, Math.floor(((performance.now() - started) / 1000) * Number(rate)));
    for (; done < due; done += 1) fs.writeSync(fd, bytes, done * size, size);
    if (done === bytes.length / size) { clearInterval(timer); fs.closeSync(fd); }
  }, 1);
`;

/** Records of one length, each for a key of its own. */
function manyRecords(count: number): { bytes: Buffer; length: number } {
  const one = (i: number) => {
    const key = `sensor/${String(i).padStart(8, "0")}`;
    const operation = { kind: "put", key, value: "21.5", timestampMs: SAMPLE_EPOCH_MS + i } as const;
    return encodeSampleRecord({ sequence: i + 1, timestampMs: SAMPLE_EPOCH_MS + i, operation });
  };
  const length = one(0).length;
  const bytes = Buffer.alloc(count * length);
  for (let i = 0; i < count; i += 1) one(i).copy(bytes, i * length);
  return { bytes, length };
}

async function allSequences(inspector: TestInspector, session: number): Promise<(number | null)[]> {
  const sequences: (number | null)[] = [];
  for (;;) {
    const start = sequences.length;
    const page = await inspector.call("log.rows", { session, filter: "all", search: "", start, count: 500 });
    sequences.push(...page.rows.map(({ sequence }) => sequence));
    if (sequences.length >= page.rowCount) return sequences;
  }
}

test(`${RATE} appends a second of another process, for ${SECONDS} seconds, are all seen in order while everything else is answered`, {
  timeout: 120_000,
}, async () => {
  const directory = tempDirectory();
  const { bytes, length } = manyRecords(COUNT);
  const [source, target] = [join(directory, "source.bin"), join(directory, "live.wal")];
  fs.writeFileSync(source, bytes);
  fs.writeFileSync(target, "");
  const inspector = startInspector();
  const { session } = await inspector.open(target);
  const { view } = await inspector.call("keys.open", {
    session,
    shape: "list",
    separator: "/",
    search: "",
    showLive: true,
    showDeleted: false,
  });

  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  const writer = spawn(process.execPath, ["-e", WRITER, source, target, String(length), String(RATE)], {
    stdio: "inherit",
  });
  onTestFinished(() => void writer.kill());
  let isDone = false;
  writer.once("exit", () => {
    isDone = true;
  });
  let slowestMs = 0;
  let lagMost = 0;
  let seen = 0;
  const verdicts = new Set<string | null>();
  while (seen < COUNT) {
    const started = performance.now();
    const written = Math.floor(fs.statSync(target).size / length);
    const [{ state }, rows] = await Promise.all([
      inspector.call("session.current", {}),
      inspector.call("keys.rows", { view, start: 0, count: 100 }),
      inspector.call("log.strip", { session, columns: 400 }),
    ]);
    slowestMs = Math.max(slowestMs, performance.now() - started);
    expect(state?.recordCount).toBeGreaterThanOrEqual(seen);
    expect(rows.isExact).toBe(true);
    seen = state?.recordCount ?? 0;
    verdicts.add(state?.verdict ?? null);
    lagMost = Math.max(lagMost, written - seen);
    if (isDone && performance.now() > 90_000) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  loop.disable();
  console.log(
    `slowest answers ${Math.round(slowestMs)} ms, slowest turn of the host ${Math.round(loop.max / 1e6)} ms, at most ${lagMost} records behind`,
  );
  expect(await allSequences(inspector, session)).toEqual(Array.from({ length: COUNT }, (_, i) => i + 1));
  expect([...verdicts]).toEqual(["clean"]);
  expect(slowestMs).toBeLessThan(ANSWER_MS_MAX);
  expect(loop.max / 1e6).toBeLessThan(ANSWER_MS_MAX);
});

/** Twenty delivered writes of four keys: most of it can be left out. */
function storeWithHistory(): string {
  const path = join(tempDirectory(), "store.wal");
  const puts = Array.from({ length: 20 }, (_, i) => {
    const operation = { kind: "put", key: `k${i % 4}`, value: `value ${i}`, timestampMs: SAMPLE_EPOCH_MS } as const;
    return { sequence: i + 1, operation };
  });
  const operations = puts.map(({ sequence }) => ({ sequence, occurrence: 1 }));
  const payload = encodeMark({ kind: MARK_ACKNOWLEDGED, peer: "", operations });
  fs.writeFileSync(path, sampleLog([...puts, { sequence: 21, type: 5, payload }]).bytes);
  return path;
}

test("compaction by the client of the session is followed into the file that takes the place of the old one", async () => {
  const { inspector, desk } = startedInspector();
  const path = storeWithHistory();
  const opened = await inspector.open(path);
  const { session } = await inspector.call("session.setMode", { session: opened.session, mode: "write" });
  await inspector.indexed();
  const key = (name: string) => Buffer.from(name).toString("base64");
  const put = (name: string, value: string) =>
    inspector.call("store.put", { session, key: key(name), value: Buffer.from(value).toString("base64") });
  const asked = { session, shape: "list", separator: "/", search: "", showLive: true, showDeleted: false } as const;
  const { view } = await inspector.call("keys.open", asked);
  const before = await inspector.call("keys.rows", { view, start: 0, count: 10 });
  const revisionBefore = desk.session?.status.keysRevision ?? 0;

  const { ino } = fs.statSync(path);
  expect((await desk.session?.client?.compact())?.isOk()).toBe(true);
  expect(fs.statSync(path).ino).not.toBe(ino);
  await desk.session?.takeUp(0);

  const { state } = await inspector.call("session.current", {});
  expect(state).toMatchObject({ verdict: "clean", liveKeyCount: 4, fileBytes: fs.statSync(path).size, disk: "same" });
  const after = await inspector.call("keys.rows", { view, start: 0, count: 10 });
  expect(after.rows).toEqual(before.rows);
  expect(after.revision).toBeGreaterThan(before.revision);
  expect(desk.session?.status.keysRevision).toBeGreaterThan(revisionBefore);
  await put("k9", "behind");
  expect((await inspector.call("keys.rows", { view, start: 0, count: 10 })).rowCount).toBe(5);
  const read = await inspector.call("values.read", { session, key: key("k2"), start: 0, length: 100 });
  expect(Buffer.from(read.bytes, "base64").toString()).toBe("value 18");
});

test("compaction by another process is said, and the new file is read when asked", async () => {
  const inspector = startInspector();
  const path = storeWithHistory();
  const client = new Client(ClientOptions.persistent("n", path));
  expect((await client.open()).isOk()).toBe(true);
  onTestFinished(async () => void (await client.close()));
  const { session } = await inspector.open(path);
  expect((await client.compact()).isOk()).toBe(true);
  await expect
    .poll(async () => (await inspector.call("session.current", {})).state?.disk, { timeout: 10_000 })
    .toBe("replaced");
  const { state } = await inspector.call("session.current", {});
  expect(state).toMatchObject({ liveKeyCount: 4, verdict: "clean" });
  expect(state?.recordCount).toBeGreaterThanOrEqual(21);
  expect(await inspector.codeOf("session.setMode", { session, mode: "sandbox" })).toBe("NotIndexed");
  await inspector.call("session.reload", { session });
  expect(await inspector.indexed()).toMatchObject({ disk: "same", liveKeyCount: 4, verdict: "clean" });
});

test("following is switched off and on, and stays so for the files that are opened later", async () => {
  const inspector = startInspector();
  const path = join(tempDirectory(), "live.wal");
  const { bytes, length } = manyRecords(4);
  fs.writeFileSync(path, bytes.subarray(0, 2 * length));
  const { session, isFollowing } = await inspector.open(path);
  expect(isFollowing).toBe(true);
  expect(await inspector.call("session.follow", { session, isOn: false })).toMatchObject({ isFollowing: false });
  expect((await inspector.open(path)).isFollowing).toBe(false);
  fs.appendFileSync(path, bytes.subarray(2 * length));
  await expect.poll(async () => (await inspector.call("session.current", {})).state?.disk).toBe("grown");
  const { state } = await inspector.call("session.current", {});
  expect(await inspector.call("session.follow", { session: state?.session ?? -1, isOn: true })).toMatchObject({
    recordCount: 4,
    disk: "same",
  });
  expect((await inspector.call("app.info", {})).settings.follow).toBe("on");
  const sandbox = await inspector.call("session.setMode", { session: state?.session ?? -1, mode: "sandbox" });
  expect(await inspector.codeOf("session.follow", { session: sandbox.session, isOn: true })).toBe("WrongMode");
});
