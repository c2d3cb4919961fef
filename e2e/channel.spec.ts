/** The channel suite inside the real page, over the host's own channel: Electron's IPC and its bridge, or a WebSocket. */
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { expect, test } from "./inspector.ts";

const SUITE = fileURLToPath(new URL("../src-renderer/testing/channel-in-page.ts", import.meta.url));

/** The suite as one script; the tests' tool runs it in the page, which could not load it itself. */
async function bundleSuite(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["source", "module", "browser", "development|production"] },
    build: { write: false, lib: { entry: SUITE, formats: ["iife"], name: "channelSuite" } },
  });
  const output = Array.isArray(built) ? built[0] : built;
  if (output === undefined || !("output" in output)) throw new Error("the suite was not built");
  return output.output[0].code;
}

test("the host's channel passes the channel suite", async ({ launch }) => {
  const inspector = await launch();
  const code = await bundleSuite();
  const results = await inspector.page.evaluate<{ name: string; error: string | null }[]>(
    `(async () => { ${code}; return await channelSuite.run(); })()`,
  );
  expect(results.filter(({ error }) => error !== null)).toEqual([]);
  expect(results.length).toBeGreaterThan(8);
});
