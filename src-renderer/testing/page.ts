/** A page for tests in plain Node: fresh modules, the few parts of a browser they touch, connected to a fake host. */
import { vi } from "vitest";
import { type FakeHost, settle } from "./fake-host.ts";

/** Imports of the modules under test come after this, with `import()`: each page has its own. */
export async function openPage(host: FakeHost) {
  vi.resetModules();
  vi.stubGlobal("window", { softadastra: host.bridge() });
  vi.stubGlobal("navigator", { userAgent: "test" });
  const inspector = await import("../lib/inspector.ts");
  await inspector.startInspector({ onRequest: () => undefined, onReady: () => undefined });
  await settle();
  return inspector;
}
