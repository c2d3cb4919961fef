import { limits, type Opened } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { sessionState } from "../testing/facts.ts";
import { FakeHost, settle } from "../testing/fake-host.ts";
import { openPage } from "../testing/page.ts";
import { fromBase64, sameBytes } from "./bytes.ts";

const NOT_A_WAL: Opened = {
  kind: "not-a-wal",
  path: "/data/photo.png",
  name: "photo.png",
  fileBytes: 9,
  firstBytes: btoa("PNG"),
  searchedBytes: 9,
};

async function open(host: FakeHost) {
  const inspector = await openPage(host);
  const navigation = await import("./navigation.ts");
  const { useToasts } = await import("./toasts.ts");
  return { ...inspector, ...navigation, useToasts, ...(await import("./opening.ts")) };
}

let host: FakeHost;
let page: Awaited<ReturnType<typeof open>>;
const isOpenNow = (change = {}) => host.publishSession({ state: sessionState(change) });

beforeEach(async () => {
  host = new FakeHost();
  host.on("session.close", () => ({ ok: true, value: {} }));
  page = await open(host);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a path", () => {
  test("that is a log shows its keys, and what was said of the path before is gone", async () => {
    page.showView("sync");
    page.useOpening.setState({ found: { kind: "folder", path: "/x", logs: [] } });
    host.on("session.open", () => ({ ok: true, value: { kind: "session", state: sessionState() } }));
    await page.openPath("/data/node.wal");
    expect(host.inputsOf("session.open")).toEqual([{ path: "/data/node.wal", searchWhole: false }]);
    expect(page.useOpening.getState()).toMatchObject({ found: null, failure: null, busy: null });
    expect(page.useNavigation.getState().view).toBe("keys");
  });

  test("leaves the user where they went while its answer was on its way", async () => {
    host.on("session.open", () => {
      page.showView("log");
      return { ok: true, value: { kind: "session", state: sessionState() } };
    });
    await page.openPath("/data/node.wal");
    expect(page.useNavigation.getState().view).toBe("log");
  });

  test("that is no log is explained, and the file before makes room for it", async () => {
    await isOpenNow({ session: 4 });
    host.on("session.open", () => ({ ok: true, value: NOT_A_WAL }));
    await page.openPath("/data/photo.png");
    expect(host.inputsOf("session.close")).toEqual([{ session: 4 }]);
    expect(page.useOpening.getState().found).toEqual(NOT_A_WAL);
  });

  test("that cannot be opened is said on the welcome screen", async () => {
    host.on("session.open", () => ({ ok: false, error: { code: "NoPermission", message: "May not be read." } }));
    await page.openPath("/root/x.wal");
    expect(page.useOpening.getState().failure).toEqual({
      path: "/root/x.wal",
      code: "NoPermission",
      message: "May not be read.",
    });
    expect(page.useToasts.getState().toasts).toEqual([]);
  });

  test("that cannot be opened leaves the open file where it is, and is said beside it", async () => {
    await isOpenNow();
    host.on("session.open", () => ({ ok: false, error: { code: "NotFound", message: "Nothing is there." } }));
    await page.openPath("C:\\data\\x.wal");
    expect(host.inputsOf("session.close")).toEqual([]);
    expect(page.useOpening.getState().failure).toBeNull();
    expect(page.useToasts.getState().toasts).toMatchObject([{ title: "x.wal was not opened" }]);
  });

  test("whose opening is stopped is neither open nor a failure", async () => {
    host.hold("session.open");
    const opening = page.openPath("/data/huge.wal");
    await settle();
    expect(page.useOpening.getState().busy?.name).toBe("huge.wal");
    page.useOpening.getState().busy?.stop();
    await opening;
    expect(page.useOpening.getState()).toMatchObject({ busy: null, failure: null });
    expect(page.useToasts.getState().toasts).toEqual([]);
  });
});

describe("work that is not saved", () => {
  test("keeps another file from being opened until the user says so", async () => {
    const { registerUnsavedWork, useGuard } = await import("./guard.ts");
    registerUnsavedWork({ list: () => ["a"], save: async () => true, discard: () => undefined });
    const opening = page.openPath("/data/other.wal");
    expect(useGuard.getState().question?.action).toBe("opening other.wal");
    useGuard.getState().question?.answer("cancel");
    await opening;
    expect(host.inputsOf("session.open")).toEqual([]);
  });

  test("in a sandbox is asked about before it is left; in a sandbox without any, and in other modes, nobody is asked", async () => {
    await isOpenNow({ mode: "sandbox", unsavedCount: 2 });
    const leaving = page.mayLeaveFile("closing the window");
    await settle();
    expect(page.useSandboxQuestion.getState().question).toMatchObject({ action: "closing the window" });
    page.useSandboxQuestion.getState().question?.answer(false);
    expect(await leaving).toBe(false);
    await isOpenNow({ mode: "sandbox", unsavedCount: 0 });
    expect(await page.mayLeaveFile("closing the window")).toBe(true);
    await isOpenNow({ mode: "write", unsavedCount: 0 });
    expect(await page.mayLeaveFile("closing the window")).toBe(true);
  });

  test("in a sandbox is asked about once: a second request calls off the first", async () => {
    await isOpenNow({ mode: "sandbox", unsavedCount: 2 });
    const opening = page.mayLeaveFile("opening b.wal");
    await settle();
    const closing = page.mayLeaveFile("closing the window");
    expect(await opening).toBe(false);
    page.useSandboxQuestion.getState().question?.answer(true);
    expect(await closing).toBe(true);
  });
});

test("a host without native dialogs gets the dialog in the page", async () => {
  page.useInspector.setState(({ info }) => ({ info: info && { ...info, hasNativeDialogs: false } }));
  await page.openWithDialog();
  expect(page.useOpening.getState().pathDialog).toEqual({ purpose: "open", suggestion: "" });
  await page.createWithDialog();
  expect(page.useOpening.getState().pathDialog?.purpose).toBe("create");
  expect(host.inputsOf("dialog.open")).toEqual([]);
});

test("a system dialog that is cancelled opens nothing", async () => {
  host.on("dialog.open", () => ({ ok: true, value: { path: null } }));
  await page.openWithDialog();
  expect(host.inputsOf("session.open")).toEqual([]);
});

describe("a file dropped into a browser", () => {
  const bytes = Uint8Array.from({ length: 2 * limits.DROP_CHUNK_BYTES_MAX + 5 }, (_, i) => i % 253);
  const file = new File([bytes], "a.wal");

  test("arrives at the host whole, in pieces of the allowed size", async () => {
    host.on("drop.begin", () => ({ ok: true, value: { drop: 1 } }));
    host.on("drop.write", () => ({ ok: true, value: {} }));
    host.on("drop.finish", () => ({ ok: true, value: { kind: "session", state: sessionState() } }));
    await page.openDropped(file);
    const pieces = host.inputsOf("drop.write");
    expect(host.inputsOf("drop.begin")).toEqual([{ name: "a.wal", fileBytes: bytes.length }]);
    expect(pieces.map(({ start }) => start)).toEqual([0, limits.DROP_CHUNK_BYTES_MAX, 2 * limits.DROP_CHUNK_BYTES_MAX]);
    const arrived = new Uint8Array(bytes.length);
    for (const piece of pieces) arrived.set(fromBase64(piece.bytes), piece.start);
    expect(sameBytes(arrived, bytes)).toBe(true);
    expect(page.useInspector.getState().progress).toBeNull();
  });

  test("that the host cannot take to its end shows no progress for ever", async () => {
    host.on("drop.begin", () => ({ ok: true, value: { drop: 1 } }));
    host.on("drop.write", ({ start }) =>
      start === 0
        ? { ok: true, value: {} }
        : { ok: false, error: { code: "DiskFailed", message: "The disk is full." } },
    );
    await page.openDropped(file);
    expect(page.useToasts.getState().toasts).toMatchObject([{ detail: "The disk is full." }]);
    expect(page.useInspector.getState().progress).toBeNull();
  });

  test("that is no log is explained, and the file before makes room for it", async () => {
    await isOpenNow({ session: 4 });
    host.on("drop.begin", () => ({ ok: true, value: { drop: 1 } }));
    host.on("drop.write", () => ({ ok: true, value: {} }));
    host.on("drop.finish", () => ({ ok: true, value: NOT_A_WAL }));
    await page.openDropped(new File(["PNG"], "photo.png"));
    expect(host.inputsOf("session.close")).toEqual([{ session: 4 }]);
    expect(page.useOpening.getState().found).toEqual(NOT_A_WAL);
  });

  test("that is too large is refused with the way that works", async () => {
    const huge = new File(["x"], "huge.wal");
    Object.defineProperty(huge, "size", { value: limits.DROP_BYTES_MAX + 1 });
    await page.openDropped(huge);
    expect(host.inputsOf("drop.begin")).toEqual([]);
    expect(page.useToasts.getState().toasts[0]?.detail).toContain("choose Open");
  });
});
