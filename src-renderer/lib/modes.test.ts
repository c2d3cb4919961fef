import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { sessionState } from "../testing/facts.ts";
import { FakeHost, settle } from "../testing/fake-host.ts";
import { openPage } from "../testing/page.ts";

async function open(host: FakeHost) {
  const inspector = await openPage(host);
  const { useToasts } = await import("./toasts.ts");
  const { useOpening } = await import("./opening.ts");
  return { ...inspector, useToasts, useOpening, ...(await import("./modes.ts")) };
}

let host: FakeHost;
let page: Awaited<ReturnType<typeof open>>;
const isOpenNow = (change = {}) => host.publishSession({ state: sessionState({ mode: "inspect", ...change }) });

beforeEach(async () => {
  host = new FakeHost();
  page = await open(host);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("changing the mode", () => {
  test("asks the host for the mode, and is under way until it answers", async () => {
    await isOpenNow({ session: 3 });
    const held = host.hold("session.setMode");
    const changing = page.setMode("sandbox");
    await settle();
    expect(held.map(({ input }) => input)).toEqual([{ session: 3, mode: "sandbox" }]);
    expect(page.useModes.getState().isChanging).toBe(true);
    await page.setMode("write");
    expect(held).toHaveLength(1);
    await held[0]?.answer(sessionState({ mode: "sandbox" }));
    await changing;
    expect(page.useModes.getState().isChanging).toBe(false);
    expect(page.useOpening.getState().busy).toBeNull();
  });

  test("that fails says that the file stays as it is, and why", async () => {
    await isOpenNow();
    host.on("session.setMode", () => ({ ok: false, error: { code: "Locked", message: "Process 12 has it open." } }));
    await page.setMode("write");
    expect(page.useToasts.getState().toasts).toMatchObject([
      { tone: "error", title: "node.wal stays as it is", detail: "Process 12 has it open." },
    ]);
    expect(page.useModes.getState().isChanging).toBe(false);
  });

  test("to the mode it is in asks nobody for anything", async () => {
    await isOpenNow({ mode: "inspect" });
    await page.setMode("inspect");
    expect(host.inputsOf("session.setMode")).toEqual([]);
  });

  test("to a copy of a damaged file says what the copy does not hold", async () => {
    await isOpenNow({ verdict: "damaged", validBytes: 31_248 });
    host.on("session.setMode", () => ({ ok: true, value: sessionState({ mode: "sandbox" }) }));
    await page.setMode("sandbox");
    expect(page.useToasts.getState().toasts[0]?.detail).toContain("the first 31,248 bytes");
  });
});

test("the question how to edit comes with what writing would do", async () => {
  await isOpenNow({ session: 3 });
  const plan = {
    canWrite: true,
    reason: null,
    holderPid: null,
    tornBytes: 12,
    tornOffset: 900,
    setAsideName: "node.wal.torn",
    recordCount: 10,
  };
  host.on("session.planWrite", () => ({ ok: true, value: plan }));
  await page.askToEdit();
  expect(page.useModes.getState().edit).toEqual({ plan });
  page.closeEditQuestion();
  expect(page.useModes.getState().edit).toBeNull();
});

describe("saving a sandbox", () => {
  test.each([
    ["node.wal", "node-copy.wal"],
    ["NODE.WAL", "NODE-copy.wal"],
    ["node", "node-copy.wal"],
    ["a.wal.bak", "a.wal.bak-copy.wal"],
  ])("of %s suggests %s, never the file itself", async (name, suggestedName) => {
    await isOpenNow({ mode: "sandbox", name });
    host.on("dialog.save", () => ({ ok: true, value: { path: null } }));
    await page.saveSandboxAs();
    expect(host.inputsOf("dialog.save")).toEqual([{ suggestedName, title: "Save the sandbox as" }]);
    expect(host.inputsOf("session.saveAs")).toEqual([]);
  });

  test("over an existing file is left to the caller to ask about", async () => {
    await isOpenNow({ mode: "sandbox" });
    const error = { code: "Exists", message: "Something is there." } as const;
    host.on("session.saveAs", () => ({ ok: false, error }));
    page.useOpening.setState({ pathDialog: { purpose: "save", suggestion: "" } });
    expect(await page.saveSandboxTo("/data/b.wal", false)).toEqual(error);
    expect(page.useToasts.getState().toasts).toEqual([]);
    expect(host.inputsOf("session.saveAs")).toEqual([{ session: 1, path: "/data/b.wal", overwrite: false }]);
  });

  test("that went well says where it is and how large", async () => {
    await isOpenNow({ mode: "sandbox" });
    host.on("session.saveAs", () => ({ ok: true, value: { path: "/data/b.wal", fileBytes: 1234 } }));
    expect(await page.saveSandboxTo("/data/b.wal", false)).toBeNull();
    expect(page.useToasts.getState().toasts).toMatchObject([
      { tone: "done", detail: "1,234 bytes in /data/b.wal. You go on working in the sandbox." },
    ]);
  });
});
