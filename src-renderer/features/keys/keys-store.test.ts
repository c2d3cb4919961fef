import type { KeyRow } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keyRow, keysAnswer, sessionState } from "../../testing/facts.ts";
import { FakeHost, settle } from "../../testing/fake-host.ts";
import { openPage } from "../../testing/page.ts";

const ROWS = 1_000;
const nameOf = (row: number) => `key ${String(row).padStart(4, "0")}`;

/** A host with one long list. `stamp` is in every label, so that old rows can be told from new ones. */
class ListHost extends FakeHost {
  stamp = "";
  revision = 1;
  rowCount = ROWS;
  /** Rows that came in before the first. */
  shift = 0;
  #nextView = 1;

  constructor(settings: Record<string, string> = {}) {
    super(settings);
    this.on("keys.open", () => ({ ok: true, value: { view: this.#nextView++ } }));
    this.on("keys.close", () => ({ ok: true, value: {} }));
    this.on("keys.rows", ({ start, count }) => ({ ok: true, value: this.answer(start, count) }));
    this.on("keys.locate", ({ key }) => {
      const row = Array.from({ length: this.rowCount }, (_, i) => i).find((i) => btoa(nameOf(i)) === key);
      return { ok: true, value: { row: row ?? null } };
    });
  }

  answer(start: number, count: number) {
    const rows = Array.from({ length: Math.max(0, Math.min(count, this.rowCount - start)) }, (_, i): KeyRow => {
      const row = start + i - this.shift;
      return { ...keyRow(nameOf(row)), label: nameOf(row) + this.stamp };
    });
    return keysAnswer(rows, { start, rowCount: this.rowCount, revision: this.revision });
  }
}

async function open(host: ListHost) {
  const inspector = await openPage(host);
  const navigation = await import("../../lib/navigation.ts");
  const keys = await import("./keys-store.ts");
  keys.startKeys();
  return { ...inspector, ...navigation, ...keys };
}

let host: ListHost;
let page: Awaited<ReturnType<typeof open>>;
const label = (row: number) => page.rowOf(row)?.label;
const openFile = (change = {}, revisions = {}) =>
  host.publishSession({ state: sessionState(change), keysRevision: 1, ...revisions });

beforeEach(async () => {
  host = new ListHost();
  page = await open(host);
  await openFile();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the rows in sight", () => {
  test("are the first ones of a file that was just opened", () => {
    expect(page.useKeys.getState().facts.rowCount).toBe(ROWS);
    expect([label(0), label(99), label(100)]).toEqual([nameOf(0), nameOf(99), undefined]);
  });

  test("are fetched when they come into sight, each page once", async () => {
    page.ensureRange(250, 320);
    page.ensureRange(251, 321);
    await settle();
    page.ensureRange(250, 320);
    await settle();
    expect(host.inputsOf("keys.rows").map(({ start }) => start)).toEqual([0, 200, 300]);
    for (let row = 250; row < 320; row += 1) expect(label(row)).toBe(nameOf(row));
  });

  test("change with the log, and the old ones stay until the new ones are here", async () => {
    host.stamp = " (new)";
    const held = host.hold("keys.rows");
    await openFile({}, { keysRevision: 2 });
    expect(label(0)).toBe(nameOf(0));
    await held[0]?.answer(host.answer(0, 100));
    expect(label(0)).toBe(`${nameOf(0)} (new)`);
  });

  test("keep the cursor on the key that is shown when rows come in before it", async () => {
    page.activate(5);
    host.shift = 2;
    await openFile({}, { keysRevision: 2 });
    await settle();
    expect([label(7), page.useKeys.getState().activeIndex]).toEqual([nameOf(5), 7]);
  });

  test("never go back: an answer that was overtaken by a newer one is not shown", async () => {
    const held = host.hold("keys.rows");
    await openFile({}, { keysRevision: 2 });
    const older = host.answer(0, 100);
    await openFile({}, { keysRevision: 3 });
    host.stamp = " (new)";
    host.revision = 3;
    host.rowCount = 7;
    expect(held).toHaveLength(2);
    await held[1]?.answer(host.answer(0, 100));
    await held[0]?.answer(older);
    expect(label(0)).toBe(`${nameOf(0)} (new)`);
    expect(page.useKeys.getState().facts.rowCount).toBe(7);
  });

  test("of a list that was closed meanwhile are not shown in the next one", async () => {
    const held = host.hold("keys.rows");
    page.ensureRange(500, 520);
    await settle();
    host.on("keys.rows", ({ start, count }) => ({ ok: true, value: host.answer(start, count) }));
    host.stamp = " (other list)";
    page.setOptions({ shape: "list" });
    await settle();
    host.stamp = "";
    await held[0]?.answer(host.answer(500, 100));
    expect(label(0)).toBe(`${nameOf(0)} (other list)`);
    expect(label(500)).toBeUndefined();
  });
});

describe("the key under the cursor", () => {
  test("is shown at once when a row is chosen", () => {
    page.activate(5);
    expect(page.useKeys.getState().activeIndex).toBe(5);
    expect(page.useNavigation.getState().key).toBe(btoa(nameOf(5)));
  });

  test("is revealed when something else goes to it, wherever it is", async () => {
    page.goToKey(btoa(nameOf(640)));
    await settle();
    expect(page.useKeys.getState()).toMatchObject({ activeIndex: 640, revealCount: 1 });
    expect(label(640)).toBe(nameOf(640));
  });

  test("stays selected when the same log is opened in another mode, and is let go with another file", async () => {
    page.activate(5);
    await openFile({ session: 2, mode: "sandbox" });
    expect(page.useNavigation.getState().key).toBe(btoa(nameOf(5)));
    expect(page.useKeys.getState().activeIndex).toBe(5);
    page.useNavigation.setState({ recordOffset: 500 });
    await openFile({ session: 3, originPath: "/data/other.wal" });
    expect(page.useNavigation.getState()).toMatchObject({ key: null, recordOffset: null });
    expect(page.useKeys.getState().activeIndex).toBe(-1);
  });
});

describe("a search", () => {
  test("waits for a pause in typing, and asks once", async () => {
    vi.useFakeTimers();
    for (const search of ["k", "ke", "key"]) {
      page.useNavigation.setState({ search });
      await vi.advanceTimersByTimeAsync(50);
    }
    await vi.advanceTimersByTimeAsync(500);
    expect(host.inputsOf("keys.open").map(({ search }) => search)).toEqual(["", "key"]);
  });

  test("that cannot be understood is explained, and the list before it stays", async () => {
    host.on("keys.open", () => ({ ok: false, error: { code: "BadSearch", message: "The “(” is never closed." } }));
    page.useNavigation.setState({ search: "/(/" });
    await vi.waitFor(() => expect(page.useKeys.getState().badSearch).toBe("The “(” is never closed."));
    expect(label(0)).toBe(nameOf(0));
  });

  test("is named as the one that was understood last, so that nothing claims to have searched for the other", async () => {
    page.useNavigation.setState({ search: "nobody" });
    await vi.waitFor(() => expect(page.useKeys.getState().shownSearch).toBe("nobody"));
    host.on("keys.open", () => ({ ok: false, error: { code: "BadSearch", message: "The “(” is never closed." } }));
    page.useNavigation.setState({ search: "/(/" });
    await vi.waitFor(() => expect(page.useKeys.getState().badSearch).not.toBeNull());
    expect(page.useKeys.getState().shownSearch).toBe("nobody");
  });

  test("that was overtaken by another one is closed and never shown", async () => {
    const held = host.hold("keys.open");
    void page.openView();
    void page.openView();
    await settle();
    await held[1]?.answer({ view: 12 });
    await held[0]?.answer({ view: 11 });
    expect(page.useKeys.getState().view).toBe(12);
    expect(host.inputsOf("keys.close")).toContainEqual({ view: 11 });
  });
});

describe("how the list is shown", () => {
  test("is said of the rows that are here, not of those that were asked for", async () => {
    const held = host.hold("keys.open");
    page.setOptions({ shape: "list" });
    await settle();
    expect(page.useKeys.getState().shownShape).toBe("tree");
    await held[0]?.answer({ view: 9 });
    await settle();
    expect(page.useKeys.getState().shownShape).toBe("list");
  });

  test("is kept for the next start", async () => {
    page.setOptions({ separator: ":", showDeleted: true });
    await settle();
    const kept = host.inputsOf("settings.write").at(-1)?.value ?? "";
    page = await open(new ListHost({ "keys.options": kept }));
    expect(page.useKeys.getState().options).toEqual({
      shape: "tree",
      separator: ":",
      showLive: true,
      showDeleted: true,
    });
  });

  test.each(["", "{", "null", "[]", '{"separator":5,"shape":"round","showLive":0,"showDeleted":"yes"}'])(
    "kept as %j is the tree of a first start",
    async (kept) => {
      page = await open(new ListHost({ "keys.options": kept }));
      expect(page.useKeys.getState().options).toEqual({
        shape: "tree",
        separator: "/",
        showLive: true,
        showDeleted: false,
      });
    },
  );

  test("is never a list of neither live nor deleted keys", () => {
    page.setOptions({ showLive: false });
    expect(page.useKeys.getState().options).toMatchObject({ showLive: true, showDeleted: false });
    page.setOptions({ showDeleted: true });
    page.setOptions({ showLive: false });
    expect(page.useKeys.getState().options).toMatchObject({ showLive: false, showDeleted: true });
  });
});

test("a file that is closed leaves no row behind", async () => {
  await host.publishSession({ state: null });
  expect(page.useKeys.getState()).toMatchObject({ view: null, activeIndex: -1, facts: { rowCount: 0 } });
  expect(label(0)).toBeUndefined();
});
