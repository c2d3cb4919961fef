/** The wizard's steps, against a host that answers when a test wants it to. */
import type { Output, PolicyName } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sessionState } from "../../testing/facts.ts";
import { FakeHost, settle } from "../../testing/fake-host.ts";
import { openPage } from "../../testing/page.ts";

const PLACES = { outputPath: "/data/node-repaired.wal", backupPath: "/data/node.wal.bak", inPlaceObstacle: null };

function planned(policy: PolicyName): Output<"repair.plan"> {
  const none = { kept: 4, added: 0, changed: 0, removed: 0, lost: 0, outdated: 0, comesBack: 0 };
  const plan = {
    planId: `plan ${policy}`,
    policy,
    verdict: "damaged",
    fileBytes: 1000,
    ranges: [],
    rangeCount: 0,
    keptRecordCount: 10,
    keptBytes: 900,
    droppedRecordCount: 0,
    droppedBytes: 100,
    unreadableBytes: 100,
    isSearchComplete: true,
    addedRecordCount: 0,
    resultBytes: 900,
    keys: none,
    changes: [],
  } as const;
  return { plan: { ...plan, ranges: [], changes: [] }, places: PLACES };
}

const DONE: Output<"repair.run"> = {
  repair: 7,
  path: "/data/node.wal",
  outputPath: "/data/node-repaired.wal",
  backupPath: null,
  sha256Before: "a",
  sha256After: "b",
  recordCount: 10,
  fileBytes: 900,
  comparedKeyCount: 4,
  startedMs: 0,
  durationMs: 1,
  markdown: "# Repair",
};

let host: FakeHost;
let store: typeof import("./repair-store.ts");
const wizard = () => store.useRepair.getState().wizard;

beforeEach(async () => {
  host = new FakeHost();
  host.on("repair.plan", ({ policy }) => ({ ok: true, value: planned(policy) }));
  host.on("repair.stop", () => ({ ok: true, value: {} }));
  await openPage(host);
  store = await import("./repair-store.ts");
  const state = sessionState({ mode: "inspect", verdict: "damaged", unreachableRecordCount: 7 });
  await host.publishSession({ state });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

async function begin(): Promise<void> {
  store.openRepair();
  await settle();
}

test("opens with a plan and free names, by the policy that keeps what stands behind the stop", async () => {
  await begin();
  expect(wizard()).toMatchObject({
    step: "plan",
    policy: "skip-damaged",
    plan: { planId: "plan skip-damaged" },
    target: "new-file",
    outputPath: PLACES.outputPath,
    backupPath: PLACES.backupPath,
  });
});

test("does not open for a clean log or in another mode", async () => {
  for (const change of [{ verdict: "clean" }, { mode: "sandbox", verdict: "damaged" }] as const) {
    await host.publishSession({ state: sessionState({ mode: "inspect", ...change }) });
    await begin();
    expect(wizard()).toBeNull();
  }
});

test("another policy is another plan; the answer about the one before is not shown, a typed path stays", async () => {
  await begin();
  store.setPlace({ outputPath: "/mine.wal" });
  const held = host.hold("repair.plan");
  store.choosePolicy("valid-prefix");
  store.choosePolicy("skip-damaged");
  await settle();
  await held[1]?.answer(planned("skip-damaged"));
  await held[0]?.answer(planned("valid-prefix"));
  expect(wizard()).toMatchObject({ plan: { planId: "plan skip-damaged" }, outputPath: "/mine.wal" });
});

test("runs the plan that was shown, and cannot be closed over it: it is asked to stop, once", async () => {
  await begin();
  store.showStep("place");
  const held = host.hold("repair.run");
  const running = store.runRepair();
  await settle();
  expect(wizard()?.step).toBe("doing");
  expect(host.inputsOf("repair.run")[0]).toMatchObject({
    planId: "plan skip-damaged",
    target: { kind: "new-file", path: PLACES.outputPath },
  });
  store.leaveRepair();
  store.leaveRepair();
  await settle();
  expect([wizard()?.step, wizard()?.isStopping, host.inputsOf("repair.stop").length]).toEqual(["doing", true, 1]);
  // It was done before it could be stopped.
  await held[0]?.answer(DONE);
  await running;
  expect(wizard()).toMatchObject({ step: "done", isStopping: false, done: { repair: 7 } });
  store.leaveRepair();
  expect(wizard()).toBeNull();
});

test("a refusal is said where the choice was made, and nothing typed is lost", async () => {
  await begin();
  store.showStep("place");
  store.setTarget("in-place");
  store.setPlace({ backupPath: "/mine.bak" });
  const error = { code: "Exists", message: "/mine.bak exists already: name a new file." } as const;
  host.on("repair.run", () => ({ ok: false, error }));
  await store.runRepair();
  expect(wizard()).toMatchObject({ step: "place", target: "in-place", backupPath: "/mine.bak", failure: error });
  store.setPlace({ backupPath: "/other.bak" });
  expect(wizard()?.failure).toBeNull();
});

test("a log that was replaced is read again; the report is saved beside it", async () => {
  host.on("repair.run", () => ({ ok: true, value: { ...DONE, backupPath: "/data/node.wal.bak" } }));
  host.on("session.reload", () => ({ ok: true, value: sessionState({ session: 2 }) }));
  host.on("repair.saveReport", ({ format }) =>
    format === "json"
      ? { ok: true, value: { path: "/data/r.json", fileBytes: 3 } }
      : { ok: false, error: { code: "Exists", message: "is there" } },
  );
  await begin();
  store.setTarget("in-place");
  await store.runRepair();
  expect(host.inputsOf("session.reload")).toHaveLength(1);
  await store.saveRepairReport("markdown");
  expect(wizard()?.saveFailure).toBe("is there");
  await store.saveRepairReport("json");
  expect(wizard()).toMatchObject({ savedPaths: ["/data/r.json"], saveFailure: null });
});

test("a plan that cannot be made is said, and can be asked for again", async () => {
  const error = { code: "Locked", message: "open for writing in process 7", details: { pid: 7 } } as const;
  host.on("repair.plan", () => ({ ok: false, error }));
  await begin();
  expect(wizard()).toMatchObject({ plan: null, failure: { code: "Locked" } });
  host.on("repair.plan", ({ policy }) => ({ ok: true, value: planned(policy) }));
  store.planAgain();
  await settle();
  expect(wizard()).toMatchObject({ failure: null, plan: { policy: "skip-damaged" } });
});
