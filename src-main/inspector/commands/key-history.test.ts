/** Histories of any length, in pieces and one by one, against what the SDK's reader says of the same file. */
import { join } from "node:path";
import { Client, ClientOptions, Value } from "@softadastra/sdk";
import { readWalRecords } from "@softadastra/sdk/wal";
import { expect, test } from "vitest";
import { startInspector, tempDirectory } from "../testing.ts";

const KEY = btoa("counter");
const DELETES_EVERY = 7;

async function makeLog(path: string, versions: number): Promise<void> {
  const client = new Client(ClientOptions.persistent("node", path));
  if ((await client.open()).isErr()) throw new Error("the log was not opened");
  const writes: Promise<unknown>[] = [];
  for (let i = 0; i < versions; i += 1) {
    const isDelete = i % DELETES_EVERY === DELETES_EVERY - 1;
    writes.push(isDelete ? client.remove("counter") : client.put("counter", Value.fromString(String(i))));
    if (i % 10 === 0) writes.push(client.put(`other/${i}`, Value.fromString("x")));
  }
  await Promise.all(writes);
  await client.close();
}

test("every version is in a page once, in order, with its neighbours", async () => {
  const path = join(tempDirectory(), "long.wal");
  await makeLog(path, 2_000);
  const wanted: { offset: number; kind: string }[] = [];
  for await (const record of readWalRecords(path)) {
    const { operation, offset } = record;
    if (operation !== null && operation.key === "counter") wanted.unshift({ offset, kind: operation.kind });
  }
  expect(wanted).toHaveLength(2_000);
  const inspector = startInspector();
  const { session } = await inspector.open(path);
  await inspector.indexed();

  const found = [];
  for (let start = 0; ; start += 150) {
    const page = await inspector.call("keys.history", { session, key: KEY, start, count: 150 });
    expect(page.versionCount).toBe(2_000);
    if (page.versions.length === 0) break;
    found.push(...page.versions);
  }
  expect(found.map(({ offset, kind }) => ({ offset, kind }))).toEqual(wanted);

  const put = (version: { offset: number; kind: string } | undefined) => version?.kind === "put";
  for (const [index, version] of found.entries()) {
    if (index % 13 !== 0 && index > 20 && index < 1_980) continue;
    const place = await inspector.call("keys.version", { session, key: KEY, offset: version.offset });
    expect(place).toEqual({
      version,
      index,
      older: found[index + 1]?.offset ?? null,
      olderPut: found.slice(index + 1).find(put)?.offset ?? null,
      newerPut: found.slice(0, index).reverse().find(put)?.offset ?? null,
    });
  }
});

test("what is no version of the key is said to be none", async () => {
  const path = join(tempDirectory(), "short.wal");
  await makeLog(path, 12);
  const inspector = startInspector();
  const { session } = await inspector.open(path);
  await inspector.indexed();
  const { versions } = await inspector.call("keys.history", { session, key: KEY, start: 0, count: 1 });
  const offset = versions[0]?.offset ?? -1;
  const other = await inspector.call("keys.history", { session, key: btoa("other/0"), start: 0, count: 1 });
  for (const wrong of [offset + 1, other.versions[0]?.offset ?? -1, 2 ** 40])
    expect(await inspector.codeOf("keys.version", { session, key: KEY, offset: wrong })).toBe("KeyAbsent");
  expect(await inspector.codeOf("keys.version", { session, key: btoa("none"), offset })).toBe("KeyAbsent");
  expect(await inspector.codeOf("keys.history", { session, key: btoa("none"), start: 0, count: 1 })).toBe("KeyAbsent");
  const past = await inspector.call("keys.history", { session, key: KEY, start: 1_000_000, count: 10 });
  expect(past).toEqual({ versionCount: 12, versions: [] });
});
