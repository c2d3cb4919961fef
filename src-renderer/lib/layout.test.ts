import { afterEach, describe, expect, test, vi } from "vitest";
import { FakeHost, settle } from "../testing/fake-host.ts";
import { openPage } from "../testing/page.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

async function open(kept: string | undefined, isNarrow = false) {
  const host = new FakeHost(kept === undefined ? {} : { layout: kept });
  await openPage(host);
  const media = Object.assign(new EventTarget(), { matches: isNarrow });
  vi.stubGlobal("window", { matchMedia: () => media });
  const { startLayout, useLayout } = await import("./layout.ts");
  startLayout();
  const resize = (narrow: boolean) => {
    media.matches = narrow;
    media.dispatchEvent(new Event("change"));
  };
  return { host, useLayout, resize };
}

const DEFAULTS = { keysTreeWidth: 312, keysDetailsWidth: 312, isDetailsShown: true };

describe("what was kept", () => {
  test.each([undefined, "", "{", "null", "[]", '"x"', '{"keysTreeWidth":"312"}', '{"keysTreeWidth":1e999}'])(
    "%j gives the panes of a first start",
    async (kept) => {
      const { useLayout } = await open(kept);
      expect(useLayout.getState()).toMatchObject(DEFAULTS);
    },
  );

  test("comes back", async () => {
    const { useLayout } = await open('{"keysTreeWidth":400,"keysDetailsWidth":250,"isDetailsShown":false}');
    expect(useLayout.getState()).toMatchObject({ keysTreeWidth: 400, keysDetailsWidth: 250, isDetailsShown: false });
  });

  test("never hides a pane by its size", async () => {
    const { useLayout } = await open('{"keysTreeWidth":3,"keysDetailsWidth":90000}');
    expect(useLayout.getState()).toMatchObject({ keysTreeWidth: 312, keysDetailsWidth: 312 });
  });
});

test("a pane that is moved is kept for the next start", async () => {
  const { host, useLayout } = await open(undefined);
  useLayout.getState().setSize("keysTreeWidth", 420);
  await settle();
  const [written] = host.inputsOf("settings.write");
  expect(JSON.parse(written?.value ?? "")).toEqual({ ...DEFAULTS, keysTreeWidth: 420 });
});

describe("a window too narrow for details beside the value", () => {
  test("hides them, and shows them again when there is room", async () => {
    const { useLayout, resize } = await open(undefined, true);
    expect(useLayout.getState()).toMatchObject({ isNarrow: true, isDetailsShown: false });
    resize(false);
    expect(useLayout.getState()).toMatchObject({ isNarrow: false, isDetailsShown: true });
  });

  test("opens them as a drawer for now: what a wide window shows stays as it was kept", async () => {
    const { host, useLayout, resize } = await open('{"isDetailsShown":false}', true);
    useLayout.getState().toggleDetails();
    expect(useLayout.getState().isDetailsShown).toBe(true);
    useLayout.getState().setSize("keysTreeWidth", 420);
    await settle();
    expect(JSON.parse(host.inputsOf("settings.write").at(-1)?.value ?? "")).toMatchObject({ isDetailsShown: false });
    resize(false);
    expect(useLayout.getState().isDetailsShown).toBe(false);
  });
});
