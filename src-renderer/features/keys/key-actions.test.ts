import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeText } from "../../lib/bytes.ts";
import { described, sessionState, version } from "../../testing/facts.ts";
import { FakeHost, settle } from "../../testing/fake-host.ts";
import { openPage } from "../../testing/page.ts";

const A = btoa("a");
const B = btoa("b");

async function open(host: FakeHost) {
  await openPage(host);
  const { useGuard } = await import("../../lib/guard.ts");
  const { useNavigation } = await import("../../lib/navigation.ts");
  const { useToasts } = await import("../../lib/toasts.ts");
  const drafts = await import("./drafts.ts");
  drafts.startDrafts();
  const { useValue } = await import("./value-store.ts");
  return { useGuard, useNavigation, useToasts, useValue, ...drafts, ...(await import("./key-actions.ts")) };
}

let host: FakeHost;
let page: Awaited<ReturnType<typeof open>>;
const titles = () => page.useToasts.getState().toasts.map(({ title }) => title);
const draft = (key: string) =>
  page.edit({ key, name: atob(key), baseBytes: encodeText("x"), baseSequence: 1, bytes: encodeText("typed") });
const hasDraft = (key: string) => page.useDrafts.getState().draftsByKey.has(key);
const answer = (choice: "save" | "discard" | "cancel") => page.useGuard.getState().question?.answer(choice);

beforeEach(async () => {
  host = new FakeHost();
  host.on("store.put", () => ({ ok: true, value: { sequence: 6, offset: 500, outboxOpenCount: 1 } }));
  host.on("store.remove", () => ({ ok: true, value: { sequence: 7, offset: 600, previousOffset: 300 } }));
  host.on("store.restore", () => ({ ok: true, value: { sequence: 8, offset: 700 } }));
  page = await open(host);
  await host.publishSession({ state: sessionState() });
  page.useValue.setState({ key: A, described: described("a", [version(300), version(0)]) });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("deleting the shown key", () => {
  test("writes a delete, and undo brings back the value that was there, once", async () => {
    await page.deleteShownKey();
    expect(host.inputsOf("store.remove")).toEqual([{ session: 1, key: A }]);
    expect(titles()).toEqual(["Deleted a"]);
    expect(page.undoDelete()).toBe(true);
    await settle();
    expect(host.inputsOf("store.restore")).toEqual([{ session: 1, key: A, offset: 300 }]);
    expect(titles()).toEqual(["Brought back a"]);
    expect(page.useNavigation.getState().key).toBe(A);
    expect(page.undoDelete()).toBe(false);
  });

  test("that is deleted already, or with no key shown, does nothing", async () => {
    page.useValue.setState({ described: described("a", [version(300, "delete")]) });
    await page.deleteShownKey();
    page.useValue.setState({ key: null, described: null });
    await page.deleteShownKey();
    expect(host.inputsOf("store.remove")).toEqual([]);
  });

  test("asks about its draft, and no other: cancel keeps the key and the text", async () => {
    draft(A);
    draft(B);
    const deleting = page.deleteShownKey();
    expect(page.useGuard.getState().question?.drafts).toEqual(["a"]);
    answer("cancel");
    await deleting;
    expect(host.inputsOf("store.remove")).toEqual([]);
    expect([hasDraft(A), hasDraft(B)]).toEqual([true, true]);
  });

  test("gives up its draft when told so, and leaves the drafts of other keys alone", async () => {
    draft(A);
    draft(B);
    const deleting = page.deleteShownKey();
    answer("discard");
    await deleting;
    expect(host.inputsOf("store.remove")).toHaveLength(1);
    expect([hasDraft(A), hasDraft(B)]).toEqual([false, true]);
  });

  test("that fails keeps the key and offers no undo", async () => {
    host.on("store.remove", () => ({ ok: false, error: { code: "DiskFailed", message: "The disk is full." } }));
    await page.deleteShownKey();
    expect(titles()).toEqual(["a was not deleted"]);
    expect(page.undoDelete()).toBe(false);
  });
});

describe("restoring an older version", () => {
  test("writes it as a new put and shows the newest again", async () => {
    page.useValue.setState({ versionOffset: 0 });
    await page.restoreVersion(0);
    expect(host.inputsOf("store.restore")).toEqual([{ session: 1, key: A, offset: 0 }]);
    expect(titles()).toEqual(["Restored a"]);
  });

  test("asks before a draft of the key is lost with it", async () => {
    draft(A);
    draft(B);
    const cancelled = page.restoreVersion(0);
    expect(page.useGuard.getState().question?.drafts).toEqual(["a"]);
    answer("cancel");
    await cancelled;
    expect(host.inputsOf("store.restore")).toEqual([]);
    expect(hasDraft(A)).toBe(true);
    const restored = page.restoreVersion(0);
    answer("discard");
    await restored;
    expect([hasDraft(A), hasDraft(B)]).toEqual([false, true]);
  });
});

describe("adding a key", () => {
  test("never writes over one that is there", async () => {
    host.on("store.put", () => ({ ok: false, error: { code: "Exists", message: "a has a value already." } }));
    expect(await page.addKey(A, btoa("v"))).toBe("a has a value already.");
    expect(host.inputsOf("store.put")).toEqual([{ session: 1, key: A, value: btoa("v"), mustBeNew: true }]);
    expect(page.useNavigation.getState().key).toBeNull();
  });

  test("goes to it", async () => {
    expect(await page.addKey(B, btoa("v"))).toBeNull();
    expect(page.useNavigation.getState()).toMatchObject({ view: "keys", key: B });
  });
});

describe("renaming", () => {
  test("says that it was two records, and goes to the new name", async () => {
    host.on("store.rename", () => ({ ok: true, value: { putSequence: 9, deleteSequence: 10 } }));
    expect(await page.renameKey(B)).toBeNull();
    expect(host.inputsOf("store.rename")).toEqual([{ session: 1, key: A, to: B }]);
    expect(page.useToasts.getState().toasts[0]?.detail).toBe("Two records: put #9, delete #10.");
    expect(page.useNavigation.getState().key).toBe(B);
  });

  test("takes the draft of the key along", async () => {
    draft(A);
    draft(btoa("c"));
    host.on("store.rename", () => ({ ok: true, value: { putSequence: 9, deleteSequence: 10 } }));
    await page.renameKey(B);
    expect([hasDraft(A), hasDraft(B), hasDraft(btoa("c"))]).toEqual([false, true, true]);
    expect(page.useDrafts.getState().draftsByKey.get(B)).toMatchObject({
      key: B,
      name: "b",
      baseSequence: 9,
      bytes: encodeText("typed"),
    });
  });

  test("to a name that is taken says so and stays", async () => {
    host.on("store.rename", () => ({ ok: false, error: { code: "Exists", message: "b has a value already." } }));
    expect(await page.renameKey(B)).toBe("b has a value already.");
    expect(titles()).toEqual([]);
  });
});
