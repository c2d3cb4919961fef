import type { Output } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sessionState } from "../testing/facts.ts";
import { FakeHost, settle } from "../testing/fake-host.ts";
import { openPage } from "../testing/page.ts";

type Found = NonNullable<Output<"log.recordAt">["record"]>;

const record = (index: number, name: string | null): Found => ({
  index,
  offset: index * 100,
  bytes: 100,
  sequence: index + 1,
  key: name === null ? null : btoa(name),
});
/** The third is a checkpoint: about no key. */
const log = [record(0, "a"), record(1, "b"), record(2, null), record(3, "a")];

async function open() {
  const host = new FakeHost();
  // As the host answers: the record that holds the offset, else the last one before it.
  host.on("log.recordAt", ({ offset }) => ({
    ok: true,
    value: { record: log[Math.min(log.length - 1, Math.floor(offset / 100))] ?? null },
  }));
  await openPage(host);
  await host.publishSession({ state: sessionState({ validBytes: 400 }) });
  const { useNavigation } = await import("./navigation.ts");
  return { ...(await import("./records.ts")), useNavigation };
}

let page: Awaited<ReturnType<typeof open>>;
const place = () => page.useNavigation.getState().recordOffset;

beforeEach(async () => {
  page = await open();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("stepping forward from nowhere meets every record once, in order, and stays at the last", async () => {
  const met: (number | null)[] = [];
  for (let i = 0; i < 6; i += 1) {
    await page.stepRecord(1);
    met.push(place());
  }
  expect(met).toEqual([0, 100, 200, 300, 300, 300]);
});

test("steps asked for in one go are all taken, one after the other", async () => {
  await Promise.all([page.stepRecord(1), page.stepRecord(1), page.stepRecord(1), page.stepRecord(-1)]);
  expect(place()).toBe(100);
});

test("stepping back from nowhere begins at the last record, and stays at the first", async () => {
  const met: (number | null)[] = [];
  for (let i = 0; i < 6; i += 1) {
    await page.stepRecord(-1);
    met.push(place());
  }
  expect(met).toEqual([300, 200, 100, 0, 0, 0]);
});

test("pointing at a record shows its key; at one about no key, the key before stays", async () => {
  page.pointAt(await page.recordAt(150));
  expect(page.useNavigation.getState()).toMatchObject({ view: "keys", key: btoa("b"), recordOffset: 100 });
  page.pointAt(await page.recordAt(250));
  expect(page.useNavigation.getState()).toMatchObject({ key: btoa("b"), recordOffset: 200 });
});

test("without a file there is nothing to step through", async () => {
  const { useInspector } = await import("./inspector.ts");
  useInspector.setState({ session: null });
  await page.stepRecord(1);
  await settle();
  expect(place()).toBeNull();
});
