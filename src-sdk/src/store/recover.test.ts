import fs from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client } from "../client.js";
import { ClientOptions } from "../options.js";
import { tempDirectory } from "../testing/temp-directory.js";

test("timers and other work go on while a large log is opened", { timeout: 60_000 }, async () => {
  const path = join(tempDirectory(), "large.wal");
  const options = ClientOptions.persistent("node-a", path);
  options.autoFlush = false;
  const writer = new Client(options);
  (await writer.open()).value();
  const value = new Uint8Array(100);
  for (let i = 0; i < 150_000; i += 1) await writer.put(`key/${i}`, value);
  (await writer.close()).value();

  const client = new Client(options);
  let tickCount = 0;
  const ticking = setInterval(() => (tickCount += 1), 1);
  let turnCount = 0;
  let isOpening = true;
  const turn = () => {
    turnCount += 1;
    if (isOpening) setImmediate(turn);
  };
  setImmediate(turn);
  (await client.open()).value();
  isOpening = false;
  clearInterval(ticking);
  expect(client.size()).toBe(150_000);
  await client.close();
  expect(tickCount).toBeGreaterThan(3);
  // At least one turn for each mebibyte.
  expect(turnCount).toBeGreaterThan(fs.statSync(path).size / 2 ** 20);
});
