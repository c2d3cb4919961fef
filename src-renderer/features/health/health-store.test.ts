import type { Finding, Strip } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { healthReport, sessionState } from "../../testing/facts.ts";
import { FakeHost } from "../../testing/fake-host.ts";
import { openPage } from "../../testing/page.ts";

const STRIP: Strip = { puts: [], deletes: [], metas: [], goodBytes: 0, fileBytes: 0, recordCount: 0, regions: [] };

const finding = (severity: Finding["severity"], offset = 0): Finding => ({
  code: "C4",
  severity,
  offset,
  length: 1,
  sequence: null,
  count: 1,
  meaning: "",
  engine: "",
  action: "",
});

async function open(host: FakeHost) {
  await openPage(host);
  const { showView } = await import("../../lib/navigation.ts");
  const health = await import("./health-store.ts");
  health.startHealth();
  return { showView, ...health };
}

let host: FakeHost;
let page: Awaited<ReturnType<typeof open>>;
const changed = (keysRevision: number, change = {}) =>
  host.publishSession({ state: sessionState(change), keysRevision });
const recordCount = () => page.useHealth.getState().report?.recordCount;

beforeEach(async () => {
  host = new FakeHost();
  host.on("log.strip", () => ({ ok: true, value: STRIP }));
  host.on("health.report", () => ({ ok: true, value: healthReport() }));
  page = await open(host);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("the report is that of the open file: it goes with the file, and an answer about the one before is not shown", async () => {
  const held = host.hold("health.report");
  await changed(1, { session: 1 });
  await changed(1, { session: 2 });
  await held[1]?.answer(healthReport({ recordCount: 2 }));
  await held[0]?.answer(healthReport({ recordCount: 1 }));
  expect(recordCount()).toBe(2);
  await host.publishSession({ state: null });
  expect(page.useHealth.getState()).toMatchObject({ report: null, strip: null, activeFinding: -1 });
});

test("the report is made again when reading is done, and with every change while it is on the screen", async () => {
  const asked = () => host.inputsOf("health.report").length;
  await changed(1, { indexing: { phase: "reading", doneBytes: 1, totalBytes: 2 } });
  expect(asked()).toBe(1);
  await changed(1);
  expect(asked()).toBe(2);
  await changed(2);
  expect(asked()).toBe(2);
  page.showView("health");
  await changed(3);
  expect(asked()).toBe(4);
});

test("stepping through the findings meets each of them, then the first one again", async () => {
  host.on("health.report", () => ({
    ok: true,
    value: healthReport({ findings: [finding("error"), finding("warning"), finding("note")] }),
  }));
  await changed(1);
  const met = [1, 2, 3, 4].map(() => {
    page.nextFinding();
    return page.useHealth.getState().activeFinding;
  });
  expect(met).toEqual([0, 1, 2, 0]);
});

test("without findings there is none to step to", async () => {
  await changed(1);
  page.nextFinding();
  expect(page.useHealth.getState().activeFinding).toBe(-1);
});

test("notes are no problems", () => {
  const findings = [finding("error"), finding("note"), finding("warning"), finding("error")];
  expect(page.problemsIn(findings)).toEqual({ errorCount: 2, warningCount: 1 });
});
