import { afterEach, expect, test, vi } from "vitest";
import { sessionState } from "../testing/facts.ts";
import { FakeHost, settle } from "../testing/fake-host.ts";
import { openPage } from "../testing/page.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a page that is started knows its host and follows the open file", async () => {
  const host = new FakeHost({ theme: "dark" });
  const { useInspector, readSetting, sessionId } = await openPage(host);
  expect(useInspector.getState()).toMatchObject({ connection: "open", session: null, info: { host: "electron" } });
  expect(readSetting("theme")).toBe("dark");
  expect(sessionId()).toBe(-1);
  await host.publishSession({ state: sessionState({ session: 7, name: "a.wal" }), keysRevision: 3 });
  expect(useInspector.getState()).toMatchObject({ session: { name: "a.wal" }, keysRevision: 3 });
  expect(sessionId()).toBe(7);
  await host.publishSession({ state: null });
  expect(sessionId()).toBe(-1);
});

test("a host that goes away answers every call that waits, and every later one", async () => {
  const host = new FakeHost();
  const held = host.hold("recents.list");
  const { call, useInspector } = await openPage(host);
  const waiting = call("recents.list", {});
  await settle();
  expect(held).toHaveLength(1);
  await host.end();
  expect(await waiting).toMatchObject({ ok: false, error: { code: "Disconnected" } });
  expect(await call("recents.list", {})).toMatchObject({ ok: false, error: { code: "Disconnected" } });
  expect(useInspector.getState().connection).toBe("lost");
});

test("a host that refuses says why, and the page shows it", async () => {
  const host = new FakeHost();
  const { useInspector } = await openPage(host);
  host.refuse("another version of the app is running");
  await settle();
  expect(useInspector.getState()).toMatchObject({
    connection: "lost",
    lostReason: "another version of the app is running",
  });
});

test("what a user asked for and failed is said with its reason; what the user cancelled is not", async () => {
  const host = new FakeHost();
  host.on("sync.retryFailed", () => ({ ok: false, error: { code: "WrongMode", message: "The file is read-only." } }));
  const { perform } = await openPage(host);
  const { useToasts } = await import("./toasts.ts");
  expect(await perform("sync.retryFailed", { session: 1 }, "Nothing was put back")).toBeNull();
  expect(useToasts.getState().toasts).toMatchObject([
    { tone: "error", title: "Nothing was put back", detail: "The file is read-only.", isSticky: true },
  ]);
  const stop = new AbortController();
  host.hold("session.reload");
  const cancelled = perform("session.reload", { session: 1 }, "It was not read", stop.signal);
  stop.abort();
  expect(await cancelled).toBeNull();
  expect(useToasts.getState().toasts).toHaveLength(1);
});

test("a setting is written once, and read back at once", async () => {
  const host = new FakeHost({ layout: "old" });
  const { readSetting, writeSetting } = await openPage(host);
  writeSetting("layout", "old");
  writeSetting("layout", "new");
  writeSetting("layout", "new");
  await settle();
  expect(readSetting("layout")).toBe("new");
  expect(host.inputsOf("settings.write")).toEqual([{ name: "layout", value: "new" }]);
});
