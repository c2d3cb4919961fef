/** The record list, records taken apart, and bytes: against what the SDK's reader says of the same files. */
import fs from "node:fs";
import { join } from "node:path";
import { Client, ClientOptions } from "@softadastra/sdk";
import { readWalRecords } from "@softadastra/sdk/wal";
import { describe, expect, test } from "vitest";
import { startInspector, type TestInspector, tempDirectory } from "../testing.ts";

const SAMPLES = join(import.meta.dirname, "../../../resources/samples");
const ALL = { filter: "all", search: "", start: 0, count: 500 } as const;

async function open(name: string, change: (bytes: Buffer) => Buffer = (bytes) => bytes) {
  const path = join(tempDirectory(), `${name}.wal`);
  const bytes = change(fs.readFileSync(join(SAMPLES, `${name}.wal`)));
  fs.writeFileSync(path, bytes);
  const inspector = startInspector();
  const { session } = await inspector.open(path);
  return { inspector, session, bytes, path };
}

async function allRows(inspector: TestInspector, session: number) {
  const rows = [];
  for (let start = 0; ; start += 500) {
    const page = await inspector.call("log.rows", { session, ...ALL, start });
    rows.push(...page.rows);
    if (rows.length >= page.rowCount) return { ...page, rows };
  }
}

describe.each(["demo", "torn", "damaged", "continued"])("the record list of the %s sample", (name) => {
  test("has every record the reader yields, then rows for every byte behind the stop", async () => {
    const { inspector, session, bytes, path } = await open(name);
    const { rows, isExact, problemCount } = await allRows(inspector, session);
    expect(isExact).toBe(true);
    const records = [];
    for await (const record of readWalRecords(path)) records.push(record);
    const readable = rows.filter(({ kind }) => kind === "record");
    expect(readable.map(({ offset, sequence }) => [offset, sequence])).toEqual(
      records.map(({ offset, sequence }) => [offset, sequence]),
    );
    expect(rows.length - readable.length).toBe(problemCount);
    // Row after row, without a gap, to the last byte of the file.
    let at = 0;
    for (const row of rows) {
      expect(row.offset).toBe(at);
      at += row.bytes;
    }
    expect(at).toBe(bytes.length);
    const { problems } = { problems: await inspector.call("log.rows", { session, ...ALL, filter: "problems" }) };
    expect(problems.rows).toEqual(rows.slice(readable.length));
  });

  test("is found again by any offset within it, and taken apart without a gap", async () => {
    const { inspector, session, bytes } = await open(name);
    const { rows } = await allRows(inspector, session);
    const step = Math.max(1, Math.floor(rows.length / 60));
    for (let i = 0; i < rows.length; i += i < rows.length - 12 ? step : 1) {
      const row = rows[i];
      if (row === undefined) continue;
      for (const offset of [row.offset, row.offset + row.bytes - 1]) {
        const found = await inspector.call("log.rowOf", { session, filter: "all", search: "", offset });
        expect(found.row).toBe(i);
      }
      const { detail } = await inspector.call("log.detail", { session, offset: row.offset });
      expect(detail).toMatchObject({ offset: row.offset, bytes: row.bytes, kind: row.kind });
      let at = 0;
      for (const field of detail?.fields ?? []) {
        expect([field.id, field.at]).toEqual([field.id, at]);
        at += field.bytes;
      }
      if (row.kind === "record" || row.kind === "unreachable") {
        expect(at).toBe(row.bytes);
        expect(detail?.fields.filter(({ fault }) => fault !== null)).toEqual([]);
      }
    }
    expect(await inspector.call("log.detail", { session, offset: bytes.length })).toEqual({ detail: null });
  });
});

test("a torn record is taken apart as far as it goes, and says where it is cut", async () => {
  const { inspector, session } = await open("torn");
  const { detail } = await inspector.call("log.detail", { session, offset: 3_604 });
  expect(detail).toMatchObject({ kind: "torn", bytes: 39, index: null });
  expect(detail?.fields.find(({ id }) => id === "sequence")).toMatchObject({ text: "41", fault: null });
  expect(detail?.fields.at(-1)).toMatchObject({ text: "cut", fault: expect.stringMatching(/^cut: \d+ of \d+ bytes/) });
});

test("a damaged record shows its fields and the checksum that differs", async () => {
  const { inspector, session } = await open("damaged");
  const { detail } = await inspector.call("log.detail", { session, offset: 0xe14 });
  expect(detail?.kind).toBe("damaged");
  const checksum = detail?.fields.find(({ id }) => id === "checksum");
  expect(checksum).toMatchObject({ fault: "differs", text: expect.stringMatching(/^0x[0-9A-F]{8} stored$/) });
  expect(checksum?.raw).not.toContain(checksum?.text.slice(0, 10));
});

test("a sequence that no number holds is shown to its last digit", async () => {
  const { inspector, session } = await open("torn", (bytes) => {
    bytes.writeBigUInt64LE(2n ** 63n + 1n, 8);
    return bytes;
  });
  const { detail } = await inspector.call("log.detail", { session, offset: 0 });
  expect(detail?.fields.find(({ id }) => id === "sequence")?.text).toBe("9,223,372,036,854,775,809");
});

describe("a search among the records", () => {
  const count = async (inspector: TestInspector, session: number, search: string) => {
    const { rows, rowCount, problemCount } = await inspector.call("log.rows", { session, ...ALL, search });
    return { rows: rows.filter(({ kind }) => kind === "record"), matched: rowCount - problemCount };
  };

  test("finds what looking at each of them finds", async () => {
    const { inspector, session } = await open("demo");
    const { rows } = await allRows(inspector, session);
    const expected: Record<string, (row: (typeof rows)[number]) => boolean> = {
      "user/12/": (row) => row.name.includes("user/12/"),
      "user/*/profile": (row) => /^user\/.*\/profile$/.test(row.name),
      "/^draft\\/\\d$/": (row) => /^draft\/\d$/.test(row.name),
      "seq>=1600": (row) => (row.sequence ?? 0) >= 1_600,
      "seq=215": (row) => row.sequence === 215,
      "size>1k": (row) => row.key !== null && (row.valueBytes ?? 0) > 1_024,
      "profile seq<300": (row) => row.name.includes("profile") && (row.sequence ?? 0) < 300,
      "-user": (row) => row.key !== null && !row.name.includes("user"),
      "nothing/like/this": () => false,
    };
    for (const [search, isMatch] of Object.entries(expected)) {
      const found = await count(inspector, session, search);
      const wanted = rows.filter((row) => row.kind === "record" && row.key !== null && isMatch(row));
      const numbersOnly = /^(seq)/.test(search) ? rows.filter((row) => row.kind === "record" && isMatch(row)) : wanted;
      expect([search, found.matched]).toEqual([search, numbersOnly.length]);
      expect(found.rows.map(({ offset }) => offset)).toEqual(numbersOnly.slice(0, 500).map(({ offset }) => offset));
    }
  });

  test("tells the row of a record in the list as it is searched, and null for one that is not in it", async () => {
    const { inspector, session } = await open("demo");
    const { rows } = await count(inspector, session, "draft/8");
    for (const [i, { offset }] of rows.entries()) {
      const found = await inspector.call("log.rowOf", { session, filter: "all", search: "draft/8", offset });
      expect(found.row).toBe(i);
    }
    expect(await inspector.call("log.rowOf", { session, filter: "all", search: "draft/8", offset: 0 })).toEqual({
      row: null,
    });
  });

  test("that cannot be understood is refused with a sentence", async () => {
    const { inspector, session } = await open("torn");
    for (const search of ["size>x", "/(/", "value:"]) {
      expect([search, await inspector.codeOf("log.rows", { session, ...ALL, search })]).toEqual([search, "BadSearch"]);
      expect(await inspector.codeOf("log.rowOf", { session, filter: "all", search, offset: 0 })).toBe("BadSearch");
    }
  });
});

describe("a search for values", () => {
  test("finds every put that wrote it, older ones too, and what stands behind the stop stays in the list", async () => {
    const { inspector, session, path } = await open("damaged");
    const puts = [];
    for await (const { offset, operation } of readWalRecords(path)) {
      if (operation?.kind === "put")
        puts.push({ offset, text: Buffer.from(operation.value.toBytes()).toString("latin1") });
    }
    for (const text of ["e", "name", "{", "dark"]) {
      const search = `value:"${text}"`;
      const { rows, problemCount } = await inspector.call("log.rows", { session, ...ALL, search });
      const wanted = puts.filter((put) => put.text.toLowerCase().includes(text)).map(({ offset }) => offset);
      expect([text, rows.slice(0, rows.length - problemCount).map(({ offset }) => offset)]).toEqual([text, wanted]);
      expect(rows.slice(rows.length - problemCount).every(({ kind }) => kind !== "record")).toBe(true);
      const without = await inspector.call("log.rows", { session, ...ALL, search: `-${search}` });
      expect(without.rowCount - problemCount).toBe(puts.length - wanted.length);
    }
  });

  test("goes on with records that are appended, joins other terms, and ends at a pattern that takes too long", async () => {
    const { inspector, session, path } = await open("demo");
    const search = "key:tail/ value:/needle .+/ seq>0";
    expect((await inspector.call("log.rows", { session, ...ALL, search })).rowCount).toBe(0);
    const client = new Client(ClientOptions.persistent("n", path));
    expect((await client.open()).isOk()).toBe(true);
    for (const [key, value] of [
      ["tail/1", "needle 1"],
      ["tail/2", "nothing"],
      ["other", "needle 2"],
      ["tail/3", "a needle 3"],
    ] as const) {
      await client.put(key, value);
    }
    await client.close();
    const names = async () =>
      (await inspector.call("log.rows", { session, ...ALL, search })).rows.map(({ name }) => name);
    await expect.poll(names, { timeout: 10_000 }).toEqual(["tail/1", "tail/3"]);
    const slow = await inspector.call("log.rows", { session, ...ALL, search: "value:/^(.*.*.*.*.*)*[0]$/s" });
    await expect
      .poll(
        async () =>
          (await inspector.call("log.rows", { session, ...ALL, search: "value:/^(.*.*.*.*.*)*[0]$/s" })).searchFailure,
        {
          timeout: 10_000,
        },
      )
      .toContain("takes too long");
    expect(slow.isExact).toBe(false);
    expect(await inspector.codeOf("log.stopSearch", { session })).toBe("ok");
  });
});

test("bytes are those of the file, and end with it", async () => {
  const { inspector, session, bytes } = await open("torn");
  for (const [start, length] of [
    [0, 100],
    [3_600, 4_096],
    [bytes.length - 1, 5],
    [bytes.length, 5],
    [2 ** 40, 5],
  ] as const) {
    const answer = await inspector.call("log.bytes", { session, start, length });
    expect(Buffer.from(answer.bytes, "base64")).toEqual(bytes.subarray(start, start + length));
    expect(answer.fileBytes).toBe(bytes.length);
  }
});

test("what a write adds is in the list when the write is answered", async () => {
  const { inspector, session: inspected } = await open("torn");
  const { session } = await inspector.call("session.setMode", { session: inspected, mode: "sandbox" });
  await inspector.indexed();
  const put = await inspector.call("store.put", { session, key: btoa("new"), value: btoa("value") });
  const { rows, rowCount } = await inspector.call("log.rows", { session, ...ALL });
  expect(rows[rowCount - 1]).toMatchObject({ offset: put.offset, sequence: put.sequence, name: "new", valueBytes: 5 });
  await inspector.call("sync.tick", { session, prune: false });
});
