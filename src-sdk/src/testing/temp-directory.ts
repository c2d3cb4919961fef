/** A directory of the test's own, removed when the test ends. */
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export function tempDirectory(): string {
  const path = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "softadastra-test-")));
  onTestFinished(() => fs.rmSync(path, { recursive: true, force: true }));
  return path;
}
