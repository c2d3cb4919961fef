import { uiCommands } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { described, sessionState, syncState, version } from "../testing/facts.ts";
import { FakeHost, settle } from "../testing/fake-host.ts";
import { openPage } from "../testing/page.ts";

async function open(host: FakeHost) {
  await openPage(host);
  const { useValue } = await import("../features/keys/value-store.ts");
  const { useSync } = await import("../features/sync/sync-store.ts");
  const { edit } = await import("../features/keys/drafts.ts");
  const { useNavigation } = await import("../lib/navigation.ts");
  return { useValue, useSync, edit, useNavigation, ...(await import("./commands.ts")) };
}

let host: FakeHost;
let page: Awaited<ReturnType<typeof open>>;
const isOpenNow = (change = {}) => host.publishSession({ state: sessionState(change) });
const showKey = (...history: Parameters<typeof version>[]) =>
  page.useValue.setState({
    key: btoa("a"),
    described: described(
      "a",
      history.map(([offset, kind]) => version(offset, kind)),
    ),
  });
const available = () => uiCommands.map(({ id }) => id).filter((id) => page.obstacleOf(id) === null);

beforeEach(async () => {
  host = new FakeHost();
  page = await open(host);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("without a file, only what needs none can be done, and the others say that", () => {
  expect(available().filter((id) => !id.startsWith("file.") && !id.startsWith("view."))).toEqual([
    "go.palette",
    "help.shortcuts",
  ]);
  expect(page.obstacleOf("file.close")).toBe("No file is open");
  expect(page.obstacleOf("view.keys")).toBe("No file is open");
  expect(page.obstacleOf("file.open")).toBeNull();
});

describe("a file that is open read-only", () => {
  beforeEach(async () => {
    await isOpenNow({ mode: "inspect" });
    showKey([100], [0]);
    page.useSync.setState({ state: syncState({ failedCount: 1 }) });
  });

  test.each([
    "edit.addKey",
    "edit.renameKey",
    "edit.deleteKey",
    "edit.undo",
    "sync.tick",
    "sync.tickPrune",
    "sync.run",
    "sync.retryFailed",
  ] as const)("%s is refused with that reason, and does not reach the host", async (id) => {
    const before = host.calls.length;
    expect(page.obstacleOf(id)).toBe("The file is open read-only");
    page.runCommand(id);
    await settle();
    expect(host.calls).toHaveLength(before);
  });

  test("can be read again; a file that is written here cannot", async () => {
    expect(page.obstacleOf("file.reload")).toBeNull();
    await isOpenNow({ mode: "write" });
    expect(page.obstacleOf("file.reload")).not.toBeNull();
  });
});

describe("a file that can be written", () => {
  beforeEach(() => isOpenNow({ mode: "sandbox" }));

  test("a mode is offered unless it is the mode now", () => {
    expect(page.obstacleOf("edit.sandbox")).toBe("That is the mode now");
    expect(page.obstacleOf("edit.write")).toBeNull();
    expect(page.obstacleOf("edit.inspect")).toBeNull();
  });

  test("a key can be deleted and renamed while it has a value", () => {
    expect(page.obstacleOf("edit.deleteKey")).toBe("No key with a value is shown");
    showKey([0]);
    expect(page.obstacleOf("edit.deleteKey")).toBeNull();
    showKey([100, "delete"], [0]);
    expect(page.obstacleOf("edit.deleteKey")).toBe("No key with a value is shown");
    expect(page.obstacleOf("edit.renameKey")).toBe("No key with a value is shown");
  });

  test("save and discard are about the draft of the shown key", () => {
    showKey([0]);
    const base = { name: "b", baseBytes: Uint8Array.of(1), baseSequence: 1, bytes: Uint8Array.of(2) };
    page.edit({ ...base, key: btoa("b") });
    expect(page.obstacleOf("edit.save")).toBe("The shown key has no draft");
    page.edit({ ...base, key: btoa("a") });
    expect(page.obstacleOf("edit.save")).toBeNull();
  });

  test("older and newer versions are offered where there are some", () => {
    showKey([100], [0]);
    expect(page.obstacleOf("go.olderVersion")).toBeNull();
    expect(page.obstacleOf("go.newerVersion")).toBe("The shown key has no newer value");
    const place = { version: version(0), index: 1, older: null, olderPut: null, newerPut: 100 };
    page.useValue.setState({ versionOffset: 0, place });
    expect(page.obstacleOf("go.olderVersion")).toBe("The shown key has no older value");
    expect(page.obstacleOf("go.newerVersion")).toBeNull();
  });

  test("going somewhere opens the palette with what it begins with", () => {
    page.runCommand("go.offset");
    expect(page.useOverlay.getState()).toEqual({ overlay: "palette", paletteStart: "0x" });
    page.runCommand("go.key");
    expect(page.useOverlay.getState()).toEqual({ overlay: "palette", paletteStart: "/" });
  });

  test("retry is offered when something failed", () => {
    page.useSync.setState({ state: syncState() });
    expect(page.obstacleOf("sync.retryFailed")).toBe("No operation has failed");
    page.useSync.setState({ state: syncState({ failedCount: 1 }) });
    expect(page.obstacleOf("sync.retryFailed")).toBeNull();
  });
});
