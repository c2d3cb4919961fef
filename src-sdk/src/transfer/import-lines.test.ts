/** Import files that are wrong: every cut and every kind of fault is told with its line and column. */
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeFileSystem } from "../platform/node-file-system.js";
import { tempDirectory } from "../testing/temp-directory.js";
import { BadLine } from "./import-json.js";
import { type ImportLine, importBatches } from "./import-lines.js";

async function read(content: string | Uint8Array): Promise<ImportLine[]> {
  const path = join(tempDirectory(), "rows.ndjson");
  fs.writeFileSync(path, content);
  const handle = await nodeFileSystem.open(path, "read");
  const lines: ImportLine[] = [];
  try {
    for await (const batch of importBatches(handle, (await handle.stat()).size, path)) lines.push(...batch.lines);
  } finally {
    await handle.close();
  }
  return lines;
}

const faultOf = async (content: string | Uint8Array) => {
  const [line] = (await read(content)).filter(({ row }) => row instanceof BadLine);
  return line?.row instanceof BadLine ? [line.line, line.row.column, line.row.message] : null;
};

test("every cut of a file gives the whole lines before it, and a fault at the end of the cut line", async () => {
  const rows = [
    '{"row":"key/1","key":"a\\u00e9\\n","sequence":12,"nested":[1,{"x":null},true],"value":"v\\ud83d\\ude80"}',
    '{"keyBase64":"/w==","valueBase64":"AAE=","valueBytes":2}',
    '{"key":"b","operation":"delete","ratio":-1.5e3}',
  ];
  const text = rows.join("\n");
  for (let cut = 1; cut < text.length; cut += 1) {
    const before = text.slice(0, cut).split("\n");
    const last = before.at(-1) ?? "";
    const lines = await read(text.slice(0, cut));
    const isWhole = last === "" || last === rows[before.length - 1];
    const good = lines.filter(({ row }) => !(row instanceof BadLine));
    expect([cut, good.length]).toEqual([cut, before.length - 1 + (isWhole && last !== "" ? 1 : 0)]);
    if (isWhole) continue;
    const bad = lines.at(-1);
    expect(bad?.line).toBe(before.length);
    const fault = bad?.row;
    if (!(fault instanceof BadLine)) throw new Error(`cut ${cut} is no fault`);
    // At the end of what is there, or at the escape or number that was cut.
    expect(fault.column).toBeGreaterThan(last.length - 6);
    expect(fault.column).toBeLessThanOrEqual(last.length + 1);
    expect(fault.message.length).toBeGreaterThan(10);
  }
});

describe("faults are told at their place", () => {
  test.each<[string, string | Uint8Array, number, number, RegExp]>([
    ["not JSON", '{"key":"a","value":x}', 1, 20, /a value must stand here/],
    ["on a later line, blank ones counted", '{"key":"a","value":"x"}\n\n{"key":,}', 3, 8, /a value must stand here/],
    ["two objects", '{"key":"a","value":"x"}{}', 1, 24, /one object a line/],
    ["no object", '"text"', 1, 1, /begins with \{/],
    ["trailing comma", '{"key":"a",}', 1, 12, /name in double quotes/],
    ["single quotes", "{'key':'a'}", 1, 2, /name in double quotes/],
    ["a leading zero", '{"key":"a","value":"b","n":01}', 1, 29, /comma or \}/],
    ["a raw control character", '{"key":"a\tb","value":""}', 1, 10, /control character/],
    ["an unknown escape", '{"key":"a\\x","value":""}', 1, 10, /no such escape/],
    ["a short \\u", '{"key":"\\u12","value":""}', 1, 9, /four hexadecimal/],
    ["a lone first half", '{"key":"ab\\ud800","value":""}', 1, 11, /lone surrogate\) in key/],
    ["a lone second half", '{"key":"a","value":"xy\\udc00z"}', 1, 23, /lone surrogate\) in value/],
    ["two first halves", '{"key":"\\ud800\\ud83d\\ude00","value":""}', 1, 9, /lone surrogate/],
    ["halves in the wrong order", '{"key":"\\ude00\\ud83d","value":""}', 1, 9, /lone surrogate/],
    ["not UTF-8", Uint8Array.from([...Buffer.from('{"key":"é'), 0xff, 0x22, 0x7d]), 1, 10, /not UTF-8/],
    ["no key", '{"value":"x"}', 1, 1, /neither key nor keyBase64/],
    ["no value", '{"key":"x"}', 1, 1, /neither value nor valueBase64$/],
    ["exported without values", '{"row":"key/1","key":"x","operation":"put","valueBytes":4}', 1, 1, /without values/],
    ["two keys", '{"key":"x","keyBase64":"eA==","value":""}', 1, 24, /both key and keyBase64/],
    ["an empty key", '{"key":"","value":""}', 1, 8, /the key is empty/],
    ["a key that is a number", '{"key":1,"value":""}', 1, 8, /key must be a text/],
    ["a value that is an object", '{"key":"a","value":{"b":1}}', 1, 20, /value must be a text/],
    ["base64 without padding", '{"key":"a","valueBase64":"YQ"}', 1, 26, /not base64/],
    ["base64 with a space", '{"key":"a","valueBase64":"YQ= ="}', 1, 26, /not base64/],
    ["another length than it says", '{"key":"a","value":"é","valueBytes":1}', 1, 37, /has 2 bytes/],
    ["a later version", '{"row":"key/2","key":"a","value":""}', 1, 8, /another version/],
    ["an unknown operation", '{"key":"a","operation":"merge"}', 1, 24, /put or delete/],
    ["a delete with a value", '{"key":"a","operation":"delete","value":"x"}', 1, 41, /a delete has no value/],
    ["nested without end", `{"a":${"[".repeat(200)}`, 1, 70, /nested more than/],
  ])("%s", async (_, content, line, column, reason) => {
    expect(await faultOf(content)).toEqual([line, column, expect.stringMatching(reason)]);
  });

  test("keys and values at their limits pass, one byte more does not", async () => {
    const max = 1_048_576;
    expect(await faultOf(`{"key":"${"k".repeat(max)}","value":""}`)).toBeNull();
    expect(await faultOf(`{"key":"${"k".repeat(max + 1)}","value":""}`)).toEqual([
      1,
      8,
      expect.stringMatching(/1 MiB/),
    ]);
    const valueMax = 67_108_864 - 18 - 1;
    expect(await faultOf(`{"key":"k","value":"${"v".repeat(valueMax)}"}`)).toBeNull();
    expect(await faultOf(`{"key":"k","value":"${"v".repeat(valueMax + 1)}"}`)).toEqual([
      1,
      20,
      expect.stringMatching(/the limit is 67108845/),
    ]);
  }, 30_000);

  test("a line without end is one bad line, and the next one is read", async () => {
    const path = join(tempDirectory(), "rows.ndjson");
    const file = fs.openSync(path, "w");
    for (let i = 0; i < 130; i += 1) fs.writeSync(file, Buffer.alloc(1024 * 1024, "x"));
    fs.writeSync(file, '\n{"key":"a","value":"b"}\n');
    fs.closeSync(file);
    const handle = await nodeFileSystem.open(path, "read");
    const lines: ImportLine[] = [];
    for await (const batch of importBatches(handle, (await handle.stat()).size, path)) lines.push(...batch.lines);
    await handle.close();
    expect(lines.map(({ line, row }) => [line, row instanceof BadLine ? row.message : row.kind])).toEqual([
      [1, expect.stringMatching(/longer than 134217728 bytes/)],
      [2, "put"],
    ]);
  }, 30_000);
});

test("a byte order mark, CRLF, blank lines and unknown members are no faults", async () => {
  const lines = await read('\ufeff{"key":"a","value":"1","more":{"x":[]}}\r\n\r\n  \n{"key":"b","value":""}');
  expect(lines.map(({ line, row }) => [line, row instanceof BadLine ? row.message : row.kind])).toEqual([
    [1, "put"],
    [4, "put"],
  ]);
});

test("what is no file of rows at all is refused as a whole, with what it is", async () => {
  await expect(read('[\n{"key":"a"}\n]')).rejects.toThrow(/one JSON array/);
  await expect(read("row,key,operation\r\n")).rejects.toThrow(/is CSV/);
  await expect(read(Uint8Array.of(0xff, 0xfe, 0x7b, 0))).rejects.toThrow(/UTF-16/);
  await expect(read("1LAW\u0001")).rejects.toThrow(/is a log/);
  expect(await read("")).toEqual([]);
});
