/** The crash lab through the contract: the open log is never touched, files are made elsewhere, a node is killed for real. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { LabFault } from "@softadastra/inspector-contract";
import { expect, test, vi } from "vitest";
import { runCli } from "../../../src-sdk/src/cli/main.ts";
import { sampleLog, sampleOperations } from "../../../src-sdk/src/testing/sample-log.ts";
import { startInspector, tempDirectory } from "../testing.ts";

/** Processes are started and disks are synced: seconds, while other suites share the machine. */
vi.setConfig({ testTimeout: 60_000 });

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");

/** Everything about a file and its folder that must stay as it is. */
function fingerprint(path: string) {
  const { size, mtimeNs, ctimeNs, ino } = fs.statSync(path, { bigint: true });
  const sha256 = createHash("sha256").update(fs.readFileSync(path)).digest("hex");
  return { sha256, size, mtimeNs, ctimeNs, ino, folder: fs.readdirSync(dirname(path)).sort() };
}

const leftOvers = () => fs.readdirSync(tmpdir()).filter((name) => name.startsWith("softadastra-lab-"));

async function openLog(bytes: Uint8Array) {
  const path = join(tempDirectory(), "n.wal");
  fs.writeFileSync(path, bytes);
  const inspector = startInspector();
  const { session } = await inspector.open(path);
  const { write } = await inspector.call("lab.write", { session, records: null });
  return { inspector, path, session, write };
}

const FAULTS: LabFault[] = [
  { kind: "kill" },
  { kind: "flush" },
  { kind: "power", loss: "hole" },
  { kind: "flip", bit: 4 },
  { kind: "sector", sectorBytes: 512 },
];

test("every fault is reopened by a real node on a copy, which finds what the lab said; the log is not touched", async () => {
  const { inspector, path, session, write } = await openLog(sampleLog(sampleOperations(40)).bytes);
  const before = fingerprint(path);
  if (write === null) throw new Error("no write");
  const { range } = write;
  for (const fault of FAULTS) {
    for (const cut of [1, 20, 33, range.end - range.start]) {
      const place = { session, range, fault, cut };
      const said = await inspector.call("lab.case", place);
      const found = await inspector.call("lab.reopen", place);
      expect([fault, cut, found]).toMatchObject([
        fault,
        cut,
        { verdict: said.cell.verdict, recordCount: said.recordCount, liveKeyCount: said.liveKeyCount },
      ]);
      const isTorn = said.cell.verdict === "torn-tail";
      expect([fault, cut, found.setAsideBytes]).toEqual([
        fault,
        cut,
        isTorn ? said.damage.fileBytes - said.validBytes : 0,
      ]);
      expect(found.refusal === null).toBe(said.cell.verdict === "clean" || isTorn);
    }
  }
  expect(fingerprint(path)).toEqual(before);
});

test("a saved case is the log as the crash leaves it, and is verified from a terminal", async () => {
  const { inspector, path, session, write } = await openLog(sampleLog(sampleOperations(40)).bytes);
  const before = fingerprint(path);
  if (write === null) throw new Error("no write");
  const directory = tempDirectory();
  for (const [i, fault] of FAULTS.entries()) {
    const target = join(directory, `case-${i}.wal`);
    const place = { session, range: write.range, fault, cut: 41 };
    const saved = await inspector.call("lab.save", { ...place, path: target, overwrite: false });
    expect(saved).toEqual({
      path: target,
      expectedPath: join(directory, `case-${i}.expected.json`),
      fileBytes: fs.statSync(target).size,
    });
    const said = await inspector.call("lab.case", place);
    const expected = JSON.parse(fs.readFileSync(saved.expectedPath, "utf8")) as Record<string, unknown>;
    expect(expected).toMatchObject({
      format: "softadastra-crash-case",
      file: basename(target),
      made: { from: "n.wal", fault, place: 41 },
      expect: { verdict: said.cell.verdict, recordCount: said.recordCount, keyCount: said.liveKeyCount },
      promise: { confirmedRecords: said.confirmedCount, lost: said.lostCount },
    });
    const bytes = Buffer.from(fs.readFileSync(path).subarray(0, said.damage.fileBytes));
    const { zeros, flip } = said.damage;
    if (zeros !== null) bytes.fill(0, zeros.from, zeros.to);
    if (flip !== null) bytes.writeUInt8(bytes.readUInt8(flip.offset) ^ flip.mask, flip.offset);
    expect(fs.readFileSync(target).equals(bytes)).toBe(true);
    const out: string[] = [];
    const streams = {
      stdout: { write: (text: unknown) => out.push(String(text)) },
      stderr: { write: () => undefined },
    };
    const status = await runCli(["verify", target, "--expect", saved.expectedPath], streams);
    expect([out.join(""), status]).toEqual([expect.stringMatching(/^as expected: /), 0]);
    expect(await inspector.codeOf("lab.save", { ...place, path: target, overwrite: false })).toBe("Exists");
    expect(await inspector.codeOf("lab.save", { ...place, path: target, overwrite: true })).toBe("ok");
    expect(await inspector.codeOf("lab.save", { ...place, path: directory, overwrite: true })).toBe("NotAFile");
    expect(await inspector.codeOf("lab.save", { ...place, path: `${directory}/no/x.wal`, overwrite: true })).toBe(
      "NotFound",
    );
    // The log itself is never replaced, whatever its name is.
    const link = join(directory, `link-${i}.wal`);
    fs.symlinkSync(path, link);
    expect(await inspector.codeOf("lab.save", { ...place, path, overwrite: true })).toBe("Refused");
    expect(await inspector.codeOf("lab.save", { ...place, path: link, overwrite: true })).toBe("Refused");
  }
  expect(fingerprint(path)).toEqual(before);
  expect(fs.readdirSync(directory).filter((name) => !/^(?:case|link)-\d/.test(name))).toEqual([]);
});

test.each([
  ["a log of 1,618 records", "demo", 120, 8],
  ["a torn log, of which the readable part is copied", "torn", 20, 1],
  ["a damaged log, likewise", "damaged", 0, 64],
] as const)(
  "SIGKILL while %s is written to: every confirmed write is kept",
  async (_, name, confirmed, outstanding) => {
    const path = join(tempDirectory(), `${name}.wal`);
    fs.copyFileSync(join(SAMPLES, `${name}.wal`), path);
    const inspector = startInspector();
    const { session, recordCount } = await inspector.open(path);
    const before = fingerprint(path);
    const run = await inspector.call("lab.kill", { session, outstanding, confirmed });
    expect(run).toMatchObject({ signal: "SIGKILL", earlierCount: recordCount, isFrontKept: true });
    expect(run.confirmedCount).toBeGreaterThanOrEqual(confirmed);
    expect(run.confirmedKept).toBe(run.confirmedCount);
    expect(run.inFlightCount).toBeLessThanOrEqual(outstanding);
    expect(run.recordCount).toBe(recordCount + run.confirmedKept + run.inFlightKept);
    expect(() => process.kill(run.pid, 0)).toThrow("ESRCH");
    expect(fingerprint(path)).toEqual(before);
  },
);

test("a kill that is called off leaves no process and no folder", async () => {
  const path = join(tempDirectory(), "n.wal");
  fs.writeFileSync(path, sampleLog(sampleOperations(3)).bytes);
  const inspector = startInspector();
  const { session } = await inspector.open(path);
  const folders = new Set(leftOvers());
  const controller = new AbortController();
  const answer = inspector.client.call("lab.kill", { session, outstanding: 1, confirmed: 2_000 }, controller.signal);
  for (let i = 0; i < 200 && leftOvers().every((name) => folders.has(name)); i += 1) await wait(5);
  controller.abort();
  expect(await answer).toMatchObject({ ok: false, error: { code: "Cancelled" } });
  // The host answers at once, and clears away behind it.
  const mine = () => leftOvers().filter((name) => !folders.has(name));
  for (let i = 0; i < 400 && mine().length > 0; i += 1) await wait(10);
  expect(mine()).toEqual([]);
});

test("an empty log has no write, and a node can be killed on its copy; a closed session is refused", async () => {
  const { inspector, session, write, path } = await openLog(Buffer.alloc(0));
  expect(write).toBeNull();
  const run = await inspector.call("lab.kill", { session, outstanding: 4, confirmed: 10 });
  expect(run).toMatchObject({ earlierCount: 0, isFrontKept: true });
  expect(run.confirmedKept).toBe(run.confirmedCount);
  expect(fs.statSync(path).size).toBe(0);
  const place = { range: { start: 0, end: 10 }, fault: { kind: "kill" } as const };
  expect(await inspector.codeOf("lab.cuts", { session, ...place, from: 0, count: 1 })).toBe("Refused");
  await inspector.call("session.close", { session });
  expect(await inspector.codeOf("lab.write", { session, records: null })).toBe("SessionClosed");
  expect(await inspector.codeOf("lab.kill", { session, outstanding: 1, confirmed: 1 })).toBe("SessionClosed");
});

test("a log that grows has another last write: what was asked of the old one is refused", async () => {
  const { inspector, session, write } = await openLog(sampleLog(sampleOperations(5)).bytes);
  if (write === null) throw new Error("no write");
  const sandbox = await inspector.call("session.setMode", { session, mode: "sandbox" });
  await inspector.indexed();
  const place = { session: sandbox.session, range: write.range, fault: { kind: "kill" } as const };
  expect((await inspector.call("lab.cuts", { ...place, from: 0, count: 1 })).cells).toHaveLength(1);
  await inspector.call("store.put", { session: sandbox.session, key: "aw==", value: "dg==" });
  expect(await inspector.codeOf("lab.cuts", { ...place, from: 0, count: 1 })).toBe("Refused");
  const next = await inspector.call("lab.write", { session: sandbox.session, records: null });
  expect(next.write).toMatchObject({ name: "k", operation: "put", valueText: "v", earlierCount: 5, recordCount: 1 });
});
