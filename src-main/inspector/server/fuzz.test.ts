/** Arbitrary data to every command, and as frames: never an exception, always a code. */
import { join } from "node:path";
import { type CommandName, commands, memoryChannel } from "@softadastra/inspector-contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { startInspector } from "../testing.ts";

const anything = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(
    fc.constantFrom("session", "path", "key", "value", "view", "start", "count", "text", "offset", "mode", "__proto__"),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom("a2V5", "/", "inspect", 1, 0, -1, 2 ** 53, "/no/such/file", "\0"),
      fc.string(),
    ),
  ),
);

/** Whatever path comes up lies in the test's own directory. */
function confine(input: unknown, directory: string): unknown {
  if (typeof input !== "object" || input === null || !("path" in input) || typeof input.path !== "string") return input;
  return { ...input, path: input.path === "" ? "" : join(directory, input.path.replaceAll("/", "_")) };
}

test("arbitrary input to every command is answered with a code", { timeout: 60_000 }, async () => {
  const inspector = startInspector();
  const codes = new Map<string, number>();
  const call = inspector.client.call as (
    command: string,
    input: unknown,
  ) => Promise<{ ok: boolean; error?: { code: string } }>;
  const names = Object.keys(commands) as CommandName[];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), anything, async (name, input) => {
      const answer = await call.call(inspector.client, name, confine(input, inspector.directory));
      const code = answer.ok ? "ok" : (answer.error?.code ?? "none");
      codes.set(code, (codes.get(code) ?? 0) + 1);
      expect(code).not.toBe("Internal");
      expect(code).not.toBe("none");
    }),
    { numRuns: 3_000 },
  );
  expect([...codes.keys()]).toContain("InvalidInput");
});

test("arbitrary frames never throw", async () => {
  const inspector = startInspector();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 5 }), async (frames) => {
      const pair = memoryChannel();
      inspector.serve(pair.host);
      pair.client.onFrame(() => undefined);
      pair.client.onClose(() => undefined);
      for (const frame of frames) pair.client.send(frame as never);
      await new Promise((resolve) => setImmediate(resolve));
      pair.client.close();
    }),
    { numRuns: 500 },
  );
});
