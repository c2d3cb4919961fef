import type { Moment, Output } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { described, keyRow, keysAnswer, sessionState, version, versionPlace } from "../testing/facts.ts";
import { FakeHost, settle } from "../testing/fake-host.ts";
import { openPage } from "../testing/page.ts";

const COUNT = 10;

function momentOf(index: number): Moment {
  return {
    index,
    offset: index * 100,
    bytes: 100,
    sequence: index + 1,
    key: btoa("k"),
    liveKeyCount: index + 1,
    deletedKeyCount: 0,
    operationCount: index + 1,
    outboxOpenCount: index + 1,
  };
}

/** As the host answers: the record that holds the offset, or the last one before it. */
const momentAt = (asOf: number) => momentOf(Math.min(COUNT - 1, Math.floor(asOf / 100)));

function logRow(index: number): Output<"log.rows">["rows"][number] {
  return {
    kind: "record",
    index,
    offset: index * 100,
    bytes: 100,
    sequence: index + 1,
    recordType: "put",
    status: "persisted",
    recordMs: 0,
    operation: "put",
    key: btoa("k"),
    name: "k",
    valueBytes: 1,
  };
}

/** A log of ten records, each a version of one key: at record n the list has n rows, each with its moment in its label. */
class TimeHost extends FakeHost {
  constructor() {
    super();
    this.on("log.momentAt", ({ offset }) => ({ ok: true, value: { moment: momentAt(offset) } }));
    this.on("log.rows", ({ start, count }) => {
      const rows = Array.from({ length: Math.min(count, COUNT - start) }, (_, i) => logRow(start + i));
      return {
        ok: true,
        value: { rowCount: COUNT, problemCount: 0, isExact: true, searching: null, searchFailure: null, rows },
      };
    });
    this.on("keys.open", () => ({ ok: true, value: { view: 1 } }));
    this.on("keys.close", () => ({ ok: true, value: {} }));
    this.on("keys.locate", () => ({ ok: true, value: { row: 0 } }));
    this.on("keys.rows", ({ start, count, asOf }) => ({ ok: true, value: this.rows(start, count, asOf) }));
    this.on("keys.describe", ({ asOf }) => {
      const at = asOf === undefined ? COUNT - 1 : momentAt(asOf).index;
      const history = Array.from({ length: COUNT }, (_, i) => version((COUNT - 1 - i) * 100));
      const current = version(at * 100);
      return { ok: true, value: { ...described("k", history), current, laterCount: COUNT - 1 - at } };
    });
    this.on("keys.version", ({ offset }) => {
      const history = Array.from({ length: COUNT }, (_, i) => version((COUNT - 1 - i) * 100));
      const value = versionPlace(history, offset);
      if (value !== null) return { ok: true, value };
      return { ok: false, error: { code: "KeyAbsent", message: "No version of this key stands there." } };
    });
    this.on("values.read", ({ offset = 900 }) => {
      return { ok: true, value: { bytes: btoa(`v${offset}`), valueBytes: 4, sequence: offset / 100 + 1, offset } };
    });
  }

  rows(start: number, count: number, asOf: number | undefined): Output<"keys.rows"> {
    const moment = asOf === undefined ? null : momentAt(asOf);
    const rowCount = 50 * ((moment?.index ?? COUNT - 1) + 1);
    const rows = Array.from({ length: Math.max(0, Math.min(count, rowCount - start)) }, (_, i) =>
      keyRow(`${start + i} as of ${moment?.index ?? "latest"}`),
    );
    return keysAnswer(rows, { moment, rowCount, start });
  }
}

async function open(host: TimeHost) {
  const inspector = await openPage(host);
  const navigation = await import("../lib/navigation.ts");
  const travel = await import("../lib/travel.ts");
  const keys = await import("../features/keys/keys-store.ts");
  const value = await import("../features/keys/value-store.ts");
  travel.startTravel();
  keys.startKeys();
  value.startValue();
  return { ...inspector, ...navigation, ...travel, ...keys, ...value };
}

let host: TimeHost;
let page: Awaited<ReturnType<typeof open>>;
const state = (change = {}) =>
  sessionState({ recordCount: COUNT, validBytes: COUNT * 100, mode: "sandbox", ...change });
const shownIndex = () => page.useTravel.getState().moment?.index ?? "latest";
const labels = () =>
  [...page.useKeys.getState().pages.values()].flatMap(({ rows }) => rows.map((row) => row.label.split(" as of ")[1]));
const text = () => new TextDecoder().decode(page.useValue.getState().value?.bytes);

beforeEach(async () => {
  host = new TimeHost();
  page = await open(host);
  await host.publishSession({ state: state(), keysRevision: 1 });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("banner, rows, counts and value are all of the same record, and Latest goes back", async () => {
  page.selectKey(btoa("k"));
  await settle();
  await page.travelTo({ offset: 342 });
  expect(shownIndex()).toBe(3);
  expect(new Set(labels())).toEqual(new Set(["3"]));
  expect(page.useKeys.getState().facts).toMatchObject({ rowCount: 200, moment: { index: 3 } });
  expect(text()).toBe("v300");
  expect(page.useNavigation.getState().recordOffset).toBe(300);
  await page.travelTo(null);
  expect(shownIndex()).toBe("latest");
  expect(new Set(labels())).toEqual(new Set(["latest"]));
  expect(text()).toBe("v900");
});

test("at no time are two moments on the screen, whichever answer comes first", async () => {
  page.selectKey(btoa("k"));
  await settle();
  const seen: string[] = [];
  const look = () => {
    const moments = new Set([...labels(), page.useKeys.getState().facts.moment?.index.toString() ?? "latest"]);
    seen.push([...moments].join("+"));
  };
  page.useTravel.subscribe(() => queueMicrotask(look));
  page.useKeys.subscribe(look);
  const rows = host.hold("keys.rows");
  const moments = host.hold("log.momentAt");
  const travelled = page.travelTo({ offset: 500 });
  await settle();
  for (const { input, answer } of rows) await answer(host.rows(input.start, input.count, input.asOf));
  expect(shownIndex()).toBe("latest");
  await moments[0]?.answer({ moment: momentOf(5) });
  await travelled;
  expect(shownIndex()).toBe(5);
  expect(seen.every((each) => each === "latest" || each === "5")).toBe(true);
});

test("moves that come quickly coalesce: the one under way is shown, then the newest", async () => {
  const shown: unknown[] = [];
  page.useTravel.subscribe(({ moment }, before) => {
    if (moment !== before.moment) shown.push(moment?.index);
  });
  await Promise.all([0, 1, 2, 3, 4, 5, 6].map((index) => page.travelTo({ offset: index * 100 })));
  expect(shown).toEqual([0, 6]);
});

test("steps add up while one is under way, stop at the first record, and behind the last is Latest", async () => {
  void page.travelBy(-1);
  void page.travelBy(-1);
  await page.travelBy(-1);
  expect(shownIndex()).toBe(6);
  await page.travelBy(-100);
  expect(shownIndex()).toBe(0);
  await page.travelBy(100);
  expect(shownIndex()).toBe(9);
  await page.travelBy(1);
  expect(shownIndex()).toBe("latest");
});

test("new records do not move the moment, and rows asked for meanwhile are as of it", async () => {
  await page.travelTo({ offset: 200 });
  await host.publishSession({ state: state({ recordCount: 12 }), keysRevision: 2 });
  expect(shownIndex()).toBe(2);
  expect(new Set(labels())).toEqual(new Set(["2"]));
  expect(host.inputsOf("keys.rows").at(-1)).toMatchObject({ asOf: 200 });
});

test("a list that was longer is shown from its end at an earlier moment, without a gap", async () => {
  page.ensureRange(440, 480);
  await settle();
  await page.travelTo({ offset: 500 });
  expect(page.useKeys.getState().facts.rowCount).toBe(300);
  for (let row = 260; row < 300; row += 1) expect(page.rowOf(row)?.label).toBe(`${row} as of 5`);
});

test("editing is off with the reason, and on again at Latest", async () => {
  expect(page.editObstacle()).toBeNull();
  await page.travelTo({ offset: 400 });
  expect(page.editObstacle()).toBe("Record #5 is shown as it was: go back to Latest to edit");
  await page.travelTo(null);
  expect(page.editObstacle()).toBeNull();
});

test("another file is shown as it is now, also when a move is under way", async () => {
  await page.travelTo({ offset: 400 });
  const moments = host.hold("log.momentAt");
  const travelled = page.travelTo({ offset: 100 });
  await settle();
  await host.publishSession({ state: state({ session: 2 }), keysRevision: 1 });
  await moments[0]?.answer({ moment: momentOf(1) });
  await travelled;
  expect(shownIndex()).toBe("latest");
  await settle();
  expect(new Set(labels())).toEqual(new Set(["latest"]));
});

test("a key chosen while a move is under way is shown as of the moment that is shown then", async () => {
  const moments = host.hold("log.momentAt");
  const travelled = page.travelTo({ offset: 700 });
  await settle();
  page.selectKey(btoa("k"));
  await settle();
  await moments[0]?.answer({ moment: momentOf(7) });
  await travelled;
  await settle();
  expect(text()).toBe("v700");
});

test("in Log the record that is travelled to is under the cursor; in Keys the key stays", async () => {
  await page.travelTo({ offset: 300 });
  expect(page.useNavigation.getState().key).toBeNull();
  page.showView("log");
  await page.travelBy(1);
  expect(page.useNavigation.getState()).toMatchObject({ recordOffset: 400, key: btoa("k") });
});

test("older versions are stepped to from the moment, and later ones are not", async () => {
  page.selectKey(btoa("k"));
  await page.travelTo({ offset: 300 });
  await settle();
  expect(page.versionStep(-1)).toBeUndefined();
  page.stepVersion(1);
  await settle();
  expect(text()).toBe("v200");
  expect(page.versionStep(-1)).toBeNull();
  page.showVersion(800);
  await settle();
  expect(text()).toBe("v800");
});
