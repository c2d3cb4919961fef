import { limits } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeText, fromBase64 } from "../../lib/bytes.ts";
import { sessionState } from "../../testing/facts.ts";
import { FakeHost, settle } from "../../testing/fake-host.ts";
import { openPage } from "../../testing/page.ts";

const A = btoa("a");
const B = btoa("b");

async function open(host: FakeHost) {
  await openPage(host);
  const { mayLeave, useGuard } = await import("../../lib/guard.ts");
  const { selectKey } = await import("../../lib/navigation.ts");
  const { useToasts } = await import("../../lib/toasts.ts");
  const drafts = await import("./drafts.ts");
  drafts.startDrafts();
  return { mayLeave, useGuard, selectKey, useToasts, ...drafts };
}

let host: FakeHost;
let page: Awaited<ReturnType<typeof open>>;

const draftOf = (key: string, base: string, typed: string) => ({
  key,
  name: atob(key),
  baseBytes: encodeText(base),
  baseSequence: 1,
  bytes: encodeText(typed),
});
const typedFor = (key: string) => {
  const draft = page.useDrafts.getState().draftsByKey.get(key);
  return draft === undefined ? undefined : new TextDecoder().decode(draft.bytes);
};
const written = () =>
  host.inputsOf("store.put").map(({ key, value }) => [key, String.fromCharCode(...fromBase64(value))]);

beforeEach(async () => {
  host = new FakeHost();
  host.on("store.put", () => ({ ok: true, value: { sequence: 1001, offset: 0, outboxOpenCount: 2 } }));
  page = await open(host);
  await host.publishSession({ state: sessionState({ session: 1 }) });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("what is typed", () => {
  test("is a draft from the first keystroke, and none when it is undone", () => {
    page.edit(draftOf(A, "x", "xy"));
    expect(typedFor(A)).toBe("xy");
    expect(page.useGuard.getState().draftCount).toBe(1);
    page.edit(draftOf(A, "x", "x"));
    expect(typedFor(A)).toBeUndefined();
    expect(page.useGuard.getState().draftCount).toBe(0);
  });

  test("is kept for each key while others are looked at", async () => {
    page.edit(draftOf(A, "x", "for a"));
    page.selectKey(B);
    page.edit(draftOf(B, "x", "for b"));
    page.selectKey(null);
    await host.publishSession({ state: sessionState({ session: 1 }), keysRevision: 9, syncRevision: 9 });
    expect([typedFor(A), typedFor(B)]).toEqual(["for a", "for b"]);
  });

  test("belongs to its file: another one, or another mode, begins without drafts", async () => {
    page.edit(draftOf(A, "x", "y"));
    await host.publishSession({ state: sessionState({ session: 2 }) });
    expect(typedFor(A)).toBeUndefined();
    expect(page.useGuard.getState().draftCount).toBe(0);
  });

  test("discarded, is gone, and the other drafts stay", () => {
    page.edit(draftOf(A, "x", "for a"));
    page.edit(draftOf(B, "x", "for b"));
    page.discardDraft(A);
    expect([typedFor(A), typedFor(B)]).toEqual([undefined, "for b"]);
  });
});

describe("saving a draft", () => {
  test("writes exactly its bytes, and says which record they became", async () => {
    page.edit({ ...draftOf(A, "x", ""), bytes: Uint8Array.of(0, 255, 10, 13) });
    expect(await page.saveDraft(A)).toBe(true);
    expect(written()).toEqual([[A, "\x00\xff\n\r"]]);
    expect(typedFor(A)).toBeUndefined();
    expect(page.useToasts.getState().toasts).toMatchObject([
      { title: "Saved a", detail: "Record #1,001, persisted and waiting to sync. 2 operations in the outbox." },
    ]);
  });

  test("that fails keeps what was typed, and says why", async () => {
    host.on("store.put", () => ({ ok: false, error: { code: "DiskFailed", message: "The disk is full." } }));
    page.edit(draftOf(A, "x", "y"));
    expect(await page.saveDraft(A)).toBe(false);
    expect(typedFor(A)).toBe("y");
    expect(page.useDrafts.getState().saving.has(A)).toBe(false);
    expect(page.useToasts.getState().toasts).toMatchObject([{ tone: "error", detail: "The disk is full." }]);
  });

  test("keeps what is typed while it is under way, as a draft against what was saved", async () => {
    const held = host.hold("store.put");
    page.edit(draftOf(A, "x", "saved"));
    const saving = page.saveDraft(A);
    await settle();
    page.edit(draftOf(A, "x", "saved and more"));
    await held[0]?.answer({ sequence: 5, offset: 0, outboxOpenCount: 1 });
    expect(await saving).toBe(true);
    expect(typedFor(A)).toBe("saved and more");
    const draft = page.useDrafts.getState().draftsByKey.get(A);
    expect(draft).toMatchObject({ baseBytes: encodeText("saved"), baseSequence: 5 });
  });

  test("is done once, however often it is asked for", async () => {
    const held = host.hold("store.put");
    page.edit(draftOf(A, "x", "y"));
    const first = page.saveDraft(A);
    void page.saveDraft(A);
    await settle();
    expect(held).toHaveLength(1);
    await held[0]?.answer({ sequence: 5, offset: 0, outboxOpenCount: 1 });
    expect(await first).toBe(true);
  });

  test("too large to travel is refused before it is sent, and the text is kept", async () => {
    page.edit({ ...draftOf(A, "x", ""), bytes: new Uint8Array(limits.EDIT_BYTES_MAX + 1) });
    expect(await page.saveDraft(A)).toBe(false);
    expect(written()).toEqual([]);
    expect(page.useDrafts.getState().draftsByKey.has(A)).toBe(true);
    expect(page.useToasts.getState().toasts[0]?.detail).toContain("8,388,609 bytes");
  });
});

describe("leaving with drafts", () => {
  beforeEach(() => {
    page.edit(draftOf(A, "x", "for a"));
    page.edit(draftOf(B, "x", "for b"));
  });

  test("names them all, and saves them all", async () => {
    const leaving = page.mayLeave("closing the window");
    expect(page.useGuard.getState().question?.drafts).toEqual(["a", "b"]);
    page.useGuard.getState().question?.answer("save");
    expect(await leaving).toBe(true);
    expect(written()).toEqual([
      [A, "for a"],
      [B, "for b"],
    ]);
    expect(page.useGuard.getState().draftCount).toBe(0);
  });

  test("stays when one cannot be saved; that one and those behind it are still drafts", async () => {
    host.on("store.put", ({ key }) =>
      key === A
        ? { ok: true, value: { sequence: 1, offset: 0, outboxOpenCount: 1 } }
        : { ok: false, error: { code: "Refused", message: "No." } },
    );
    const leaving = page.mayLeave("closing the window");
    page.useGuard.getState().question?.answer("save");
    expect(await leaving).toBe(false);
    expect([typedFor(A), typedFor(B)]).toEqual([undefined, "for b"]);
  });

  test("waits for one that is being saved already, and saves what was typed since", async () => {
    const held = host.hold("store.put");
    void page.saveDraft(A);
    page.edit(draftOf(A, "x", "for a, and more"));
    const leaving = page.mayLeave("closing the window");
    page.useGuard.getState().question?.answer("save");
    await settle();
    for (const i of [0, 1, 2]) await held[i]?.answer({ sequence: 5 + i, offset: 0, outboxOpenCount: 1 });
    expect(await leaving).toBe(true);
    expect(written()).toEqual([
      [A, "for a"],
      [A, "for a, and more"],
      [B, "for b"],
    ]);
    expect(page.useGuard.getState().draftCount).toBe(0);
  });

  test("gives them up when the user says so", async () => {
    const leaving = page.mayLeave("closing the window");
    page.useGuard.getState().question?.answer("discard");
    expect(await leaving).toBe(true);
    expect(page.useDrafts.getState().draftsByKey.size).toBe(0);
    expect(written()).toEqual([]);
  });
});
