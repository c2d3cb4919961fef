/** The list of keys that differ: pages of the open file only, and of the filter that is on. */
import type { PolicyComparison, PolicyRow } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sessionState } from "../../testing/facts.ts";
import { FakeHost, settle } from "../../testing/fake-host.ts";
import { openPage } from "../../testing/page.ts";

const row = (name: string): PolicyRow => ({
  name,
  engine: null,
  skipDamaged: null,
  validPrefixChange: "lost",
  skipDamagedChange: "added",
  damagedDeleteOffset: null,
});

const comparison = (change: Partial<PolicyComparison> = {}): PolicyComparison => ({
  isExact: true,
  engine: null,
  validPrefix: null,
  skipDamaged: null,
  allCount: 1000,
  gainedCount: 700,
  otherCount: 200,
  comesBackCount: 100,
  ...change,
});

let host: FakeHost;
let store: typeof import("./policies-store.ts");

beforeEach(async () => {
  host = new FakeHost();
  host.on("health.policyRows", ({ filter, start, count }) => ({
    ok: true,
    value: {
      rowCount: store.countOf(comparison(), filter),
      isExact: true,
      rows: Array.from({ length: count }, (_, i) => row(`${filter} ${start + i}`)),
    },
  }));
  await openPage(host);
  store = await import("./policies-store.ts");
  await host.publishSession({ state: sessionState() });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("the first page comes with the totals, others when they come into sight", async () => {
  store.takePolicies(comparison());
  await settle();
  expect(store.policyRow(0)?.name).toBe("all 0");
  expect(store.policyRow(950)).toBeUndefined();
  store.ensureRows(940, 960);
  await settle();
  expect(store.policyRow(950)?.name).toBe("all 950");
  store.ensureRows(940, 960);
  expect(host.inputsOf("health.policyRows")).toHaveLength(2);
});

test("a filter is another list with a count of its own, and a late page of the one before is not shown", async () => {
  const held = host.hold("health.policyRows");
  store.takePolicies(comparison());
  store.setPolicyFilter("comes-back");
  await settle();
  await held[1]?.answer({ rowCount: 100, isExact: true, rows: [row("mine")] });
  await held[0]?.answer({ rowCount: 1000, isExact: true, rows: [row("of all")] });
  expect([store.policyRow(0)?.name, store.usePolicies.getState().rowCount]).toEqual(["mine", 100]);
});

test("without differences nothing is asked, and another file starts from nothing", async () => {
  store.takePolicies(comparison({ allCount: 0, gainedCount: 0, otherCount: 0, comesBackCount: 0 }));
  await settle();
  expect(host.inputsOf("health.policyRows")).toHaveLength(0);
  store.takePolicies(comparison());
  await settle();
  store.forgetPolicies();
  expect(store.usePolicies.getState()).toMatchObject({ comparison: null, rowCount: 0, filter: "all" });
  expect(store.policyRow(0)).toBeUndefined();
});
