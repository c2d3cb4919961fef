/** The samples that ship are the ones the script makes today: a change of format or script shows here. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDirectory } from "./testing.ts";

const ROOT = join(import.meta.dirname, "../..");
const SAMPLES = join(ROOT, "resources/samples");

test("making the samples again gives exactly their bytes", { timeout: 60_000 }, () => {
  const directory = join(tempDirectory(), "samples");
  execFileSync(process.execPath, [join(ROOT, "scripts/make-samples.mjs"), directory], { stdio: "pipe" });
  expect(fs.readdirSync(directory).sort()).toEqual(fs.readdirSync(SAMPLES).sort());
  for (const name of fs.readdirSync(SAMPLES)) {
    const isSame = fs.readFileSync(join(directory, name)).equals(fs.readFileSync(join(SAMPLES, name)));
    expect([name, isSame]).toEqual([name, true]);
  }
});
