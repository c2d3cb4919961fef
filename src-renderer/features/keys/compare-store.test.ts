import { limits } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeText, toBase64 } from "../../lib/bytes.ts";
import { described, sessionState, version } from "../../testing/facts.ts";
import { FakeHost, settle } from "../../testing/fake-host.ts";
import { openPage } from "../../testing/page.ts";

const KEY = btoa("key");
/** Newest first. */
const HISTORY = [version(300), version(200, "delete"), version(100), version(0)];
const VALUES = new Map([
  [300, encodeText('{"a":2}')],
  [100, encodeText("text")],
  [0, encodeText('{"a":1}')],
]);

function makeHost(): FakeHost {
  return new FakeHost()
    .on("keys.describe", () => ({ ok: true, value: described("key", HISTORY) }))
    .on("values.read", ({ offset = 300, start, length }) => {
      const bytes = VALUES.get(offset);
      if (bytes === undefined) return { ok: false, error: { code: "KeyAbsent", message: "There is no such value." } };
      const value = {
        bytes: toBase64(bytes.slice(start, start + length)),
        valueBytes: bytes.length,
        sequence: 1,
        offset,
      };
      return { ok: true, value };
    });
}

async function open(host: FakeHost) {
  await openPage(host);
  const navigation = await import("../../lib/navigation.ts");
  const value = await import("./value-store.ts");
  const compare = await import("./compare-store.ts");
  const history = await import("./history-store.ts");
  value.startValue();
  history.startHistory();
  compare.startCompare();
  await host.publishSession({ state: sessionState() });
  navigation.selectKey(KEY);
  await settle();
  return { ...navigation, ...value, ...compare, ...history };
}

let host: FakeHost;
let page: Awaited<ReturnType<typeof open>>;
const offsets = () => page.useCompare.getState().picks.map(({ offset }) => offset);
const shown = () => page.useCompare.getState().shown;

beforeEach(async () => {
  host = makeHost();
  page = await open(host);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("picking", () => {
  test("takes two; a third one takes the place of the first", () => {
    for (const picked of HISTORY.slice(0, 3)) page.togglePick(picked);
    expect(offsets()).toEqual([200, 100]);
    page.togglePick(HISTORY[1] ?? version(0));
    expect(offsets()).toEqual([100]);
  });

  test("is forgotten with the key, and with the file", async () => {
    page.togglePick(HISTORY[0] ?? version(0));
    page.selectKey(btoa("other"));
    await settle();
    expect(offsets()).toEqual([]);
    page.togglePick(HISTORY[0] ?? version(0));
    await host.publishSession({ state: sessionState({ session: 2 }) });
    expect(offsets()).toEqual([]);
  });
});

describe("a comparison", () => {
  const compare = async (...places: number[]) => {
    for (const place of places) page.togglePick(HISTORY[place] ?? version(0));
    await page.comparePicked();
    await settle();
  };

  test("puts the older one first, in whatever order they were picked, and chooses the best form", async () => {
    await compare(0, 3);
    expect(shown()?.before.version.offset).toBe(0);
    expect(shown()?.after.version.offset).toBe(300);
    expect(shown()?.result).toMatchObject({ best: "json", compared: { form: "json", diff: { changeCount: 1 } } });
  });

  test("without picks is of the shown version and the one before it, a delete too", async () => {
    await compare();
    expect(page.useCompare.getState().sides?.map(({ offset }) => offset)).toEqual([200, 300]);
    expect(shown()?.before.bytes).toBeNull();
    expect(shown()?.result.compared).toMatchObject({ form: "json", diff: { changes: [{ kind: "added", aPath: [] }] } });
  });

  test("of a document and a text is of lines, and says why paths are none", async () => {
    await compare(2, 3);
    expect(shown()?.result).toMatchObject({ best: "text", obstacle: null });
    page.setForm("json");
    await settle();
    expect(shown()?.result.compared.form).toBe("text");
    expect(shown()?.result.obstacle).toContain("newer value is not JSON");
  });

  test("is turned round when sides are swapped", async () => {
    await compare(0, 3);
    page.swapSides();
    await settle();
    expect(shown()?.before.version.offset).toBe(300);
  });

  test("shows the last one that was asked for, whichever answer comes last", async () => {
    const held = host.hold("values.read");
    for (const place of [0, 3]) page.togglePick(HISTORY[place] ?? version(0));
    void page.comparePicked();
    await settle();
    page.swapSides();
    await settle();
    for (const { input, answer } of [...held].reverse()) {
      const bytes = VALUES.get(input.offset ?? 300) ?? new Uint8Array();
      await answer({ bytes: toBase64(bytes), valueBytes: bytes.length, sequence: 1, offset: input.offset ?? 300 });
    }
    expect(shown()?.before.version.offset).toBe(300);
    expect(page.useCompare.getState().isWorking).toBe(false);
  });

  test("of a long value is of its first part, which is known", async () => {
    host.on("values.read", ({ offset = 300, length }) => ({
      ok: true,
      value: {
        bytes: toBase64(new Uint8Array(length).fill(65)),
        valueBytes: limits.PREVIEW_BYTES_MAX + 1,
        sequence: 1,
        offset,
      },
    }));
    await compare(0, 3);
    expect(shown()?.before.isCut).toBe(true);
    expect(shown()?.before.bytes).toHaveLength(limits.PREVIEW_BYTES_MAX);
  });

  test("of a value that cannot be read says why", async () => {
    host.on("values.read", () => ({ ok: false, error: { code: "DiskFailed", message: "The disk failed." } }));
    await compare(0, 3);
    expect(page.useCompare.getState()).toMatchObject({ shown: null, isWorking: false, failure: "The disk failed." });
  });

  test("ends when another version is shown", async () => {
    host.on("keys.version", () => ({
      ok: true,
      value: { version: HISTORY[2] ?? version(0), index: 2, older: 0, olderPut: 0, newerPut: 300 },
    }));
    await compare(0, 3);
    page.showVersion(100);
    await settle();
    expect(page.useCompare.getState().sides).toBeNull();
  });
});

describe("steps from difference to difference", () => {
  test("go to the nearest one beyond the row, and no further than the last", () => {
    page.setAnchors([3, 10, 12]);
    const rows = [1, 1, 1, 1, -1, -1, -1, -1].map((step) => {
      page.stepDifference(step as 1 | -1);
      return page.useCompare.getState().row;
    });
    expect(rows).toEqual([3, 10, 12, 12, 10, 3, 3, 3]);
    page.setDiffRow(11);
    expect([page.differenceStep(1), page.differenceStep(-1)]).toEqual([12, 10]);
    expect([0, 3, 9, 12, 99].map((row) => page.differenceAt([3, 10, 12], row))).toEqual([0, 1, 1, 3, 3]);
  });
});

describe("a long history", () => {
  test("is asked for a page at a time, as far as it is in sight, and anew when the log has changed", async () => {
    const history = Array.from({ length: 200 }, (_, i) => version(1_000_000 - i * 100));
    host.on("keys.describe", () => ({ ok: true, value: { ...described("key", history), versionCount: 5_000 } }));
    host.on("keys.history", ({ start, count }) => ({
      ok: true,
      value: {
        versionCount: 5_000,
        versions: Array.from({ length: count }, (_, i) => version(1_000_000 - (start + i) * 100)),
      },
    }));
    await host.publishSession({ state: sessionState(), keysRevision: 5 });
    expect(page.useHistory.getState().versionCount).toBe(5_000);
    page.showHistoryRange(0, 150);
    await settle();
    expect(host.inputsOf("keys.history")).toEqual([]);
    page.showHistoryRange(4_950, 4_990);
    page.showHistoryRange(4_951, 4_991);
    await settle();
    expect(host.inputsOf("keys.history").map(({ start }) => start)).toEqual([4_900]);
    expect(page.versionAt(4_999)?.offset).toBe(1_000_000 - 4_999 * 100);
    await host.publishSession({ state: sessionState(), keysRevision: 6 });
    // Changes are taken up at a calm rate.
    await vi.waitFor(() => {
      page.showHistoryRange(4_950, 4_990);
      expect(host.inputsOf("keys.history")).toHaveLength(2);
    });
  });
});
