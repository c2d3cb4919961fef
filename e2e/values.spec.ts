/** Versions of a value compared in every form, and values read by decoders: chosen, guessed, or meant by a rule. */
import { join } from "node:path";
import { expect, type Inspector, test } from "./inspector.ts";
import { type Operation, writeLog } from "./logs.ts";

const text = (change: string) => `${Array.from({ length: 60 }, (_, i) => `line ${i}`).join("\n")}\n${change}\nend\n`;
const bytes = (extra: readonly number[]) =>
  Uint8Array.from([...Array.from({ length: 300 }, (_, i) => 0x80 | (i % 100)), ...extra, 0xff, 0xfe, 0xfd, 0xfc]);

/** {"id": 9007199254740993, "user": "Ada"} */
const MSGPACK = "82a2 6964 cf 0020000000000001 a4 75736572 a3 416461";
/** {"id": 18446744073709551615, "user": "Ada"} */
const CBOR = "a2 62 6964 1b ffffffffffffffff 64 75736572 63 416461";

const OPERATIONS: Operation[] = [
  ["doc", '{"name":"Ada","id":9007199254740993,"tags":["a","b"]}'],
  ["doc", '{"id":9007199254740992,"tags":["a","x","b"],"name":"Ada"}'],
  ["doc", null],
  ["doc", '{ "tags": ["a","x","b"], "name": "Ada", "id": 9007199254740992 }'],
  ["notes", text("an old word here")],
  ["notes", text("a new word here")],
  ["blob", bytes([])],
  ["blob", bytes([1, 2, 3])],
  ["session/1", Uint8Array.from(Buffer.from(MSGPACK.replaceAll(" ", ""), "hex"))],
  ["session/2", Uint8Array.of(0x92, 0x01, 0xc1)],
  ["other/1", Uint8Array.of(0x92, 0x01, 0x02)],
];

async function open(launch: (options: { file: string }) => Promise<Inspector>, directory: string) {
  const file = join(directory, "data", "values.wal");
  await writeLog(file, OPERATIONS);
  const inspector = await launch({ file });
  await inspector.isRead("values.wal");
  await inspector.asList();
  return { inspector, page: inspector.page, file };
}

const history = (inspector: Inspector) => inspector.page.getByRole("grid", { name: "History" });
const difference = (inspector: Inspector) => inspector.page.getByRole("region", { name: "Difference of two versions" });

async function compare(inspector: Inspector, first: string, second: string): Promise<void> {
  for (const name of [first, second])
    await history(inspector)
      .getByRole("checkbox", { name: `Compare ${name}` })
      .check();
  await inspector.page.getByRole("button", { name: "Compare 2" }).click();
  await expect(difference(inspector)).toContainText(`${first}`);
}

test("two versions are compared by path, by line and by byte", async ({ launch, directory }) => {
  const { inspector, page } = await open(launch, directory);
  await inspector.showKey("doc");
  await expect(history(inspector).getByRole("row")).toHaveCount(4);
  await compare(inspector, "#1", "#2");
  const paths = page.getByRole("listbox", { name: "Paths that differ" });
  await expect(difference(inspector).getByRole("tab", { name: "Auto json" })).toBeVisible();
  await expect(difference(inspector).getByRole("status")).toHaveText("1 of 2 differences");
  await expect(paths.getByRole("option")).toHaveText([
    "changed$.id",
    "−removed: 9007199254740993",
    "+added: 9007199254740992",
    "added$.tags[1]",
    '+added: "x"',
  ]);
  await page.keyboard.press("F7");
  await expect(difference(inspector).getByRole("status")).toHaveText("2 of 2 differences");
  await page.keyboard.press("Shift+F7");
  await expect(difference(inspector).getByRole("status")).toHaveText("1 of 2 differences");

  await page.getByRole("button", { name: "Swap sides" }).click();
  await expect(paths.getByRole("option").nth(1)).toHaveText("−removed: 9007199254740992");

  await inspector.showKey("notes");
  await page.keyboard.press("Control+D");
  const lines = page.getByRole("listbox", { name: "Lines that differ" });
  await expect(lines.getByRole("option", { name: "57 unchanged lines" })).toBeVisible();
  await expect(lines.locator("mark")).toHaveText(["an", "old", "a", "new"]);
  await lines.getByRole("option", { name: "unchanged lines" }).click();
  await expect(lines.getByRole("option", { name: "line 30" })).toBeVisible();
  await page.keyboard.press("Escape");

  await inspector.showKey("blob");
  await page.keyboard.press("Control+D");
  const rows = page.getByRole("listbox", { name: "Bytes that differ" });
  await expect(difference(inspector).getByRole("status")).toHaveText("1 of 1 difference");
  await expect(rows).toContainText("010203");
  await difference(inspector).getByRole("tab", { name: "Text", exact: true }).click();
  await expect(difference(inspector)).toContainText("Compared as hex: the older value is not UTF-8 at byte 0x0.");
});

test("the difference is copied as other programs read it", async ({ launch, directory }) => {
  const { inspector, page } = await open(launch, directory);
  await inspector.workOnCopy();
  await inspector.asList();
  await inspector.showKey("notes");
  await page.keyboard.press("Control+D");
  await page.getByRole("button", { name: "Copy the difference as text" }).click();
  await page.keyboard.press("Control+N");
  const value = page.getByRole("dialog", { name: "Add a key" }).getByRole("textbox", { name: "Value" });
  await value.focus();
  await page.keyboard.press("Control+V");
  await expect(value).toHaveValue(
    /^--- "notes" #5 put\t\S+Z\n\+\+\+ "notes" #6 put\t\S+Z\n@@ -58,5 \+58,5 @@\n line 57\n line 58\n line 59\n-an old word here\n\+a new word here\n end\n$/,
  );
});

test("a delete is a version: the whole value is gone, and the same JSON in another order is the same", async ({
  launch,
  directory,
}) => {
  const { inspector, page } = await open(launch, directory);
  await inspector.showKey("doc");
  await compare(inspector, "#2", "#3");
  await expect(difference(inspector)).toContainText("Record #3 deleted the key: the whole value is gone.");
  await expect(page.getByRole("listbox", { name: "Paths that differ" })).toContainText("removed$");

  await page.keyboard.press("Escape");
  await expect(difference(inspector)).toHaveCount(0);
  await history(inspector).getByRole("row", { name: "delete #3" }).click();
  await expect(page.getByText("Record #3 deleted it.")).toBeVisible();

  await history(inspector).getByRole("checkbox", { name: "Compare #3" }).uncheck();
  await compare(inspector, "#2", "#4");
  await expect(difference(inspector)).toContainText("The same JSON, written differently");
  await page.getByRole("button", { name: "Compare as text" }).click();
  await expect(page.getByRole("listbox", { name: "Lines that differ" })).toBeVisible();
});

test("versions are picked and compared by keys alone", async ({ launch, directory }) => {
  const { inspector, page } = await open(launch, directory);
  await inspector.showKey("doc");
  await history(inspector).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("End");
  await expect(page.getByText("Value as of record #1.")).toBeVisible();
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await expect(difference(inspector).getByRole("status")).toHaveText("1 of 2 differences");
});

test("a history of any length is scrolled to its end", async ({ launch, directory }) => {
  const file = join(directory, "data", "long.wal");
  await writeLog(file, [...Array.from({ length: 1_500 }, (_, i): Operation => ["counter", String(i)]), ["b", "x"]]);
  const inspector = await launch({ file });
  const { page } = inspector;
  await inspector.isRead("long.wal");
  await inspector.asList();
  await inspector.showKey("counter");
  await expect(history(inspector)).toHaveAttribute("aria-rowcount", "1500");
  await history(inspector).focus();
  await page.keyboard.press("End");
  await expect(page.getByText("Value as of record #1.")).toBeVisible();
  await expect(inspector.editor).toHaveText("0");
  await expect(page.getByRole("region", { name: "Details" })).toContainText("1 at 0x00000");
  // Newer and older by their keys too, far from the newest.
  await page.keyboard.press(".");
  await expect(inspector.editor).toHaveText("1");
  await page.keyboard.press("Control+D");
  await expect(difference(inspector)).toContainText("#1");
  await expect(difference(inspector)).toContainText("#2");
});

async function typeHex(inspector: Inspector, hex: string): Promise<void> {
  const { page } = inspector;
  await page.getByRole("tab", { name: "Hex", exact: true }).click();
  await page.getByRole("button", { name: "Edit bytes" }).click();
  await page.getByRole("textbox", { name: /as hex$/ }).click();
  await page.keyboard.press("Control+A");
  await page.keyboard.type(hex);
  await page.keyboard.press("Control+S");
  await expect(page.getByText("Unsaved draft", { exact: true })).toHaveCount(0);
  await page.getByRole("tab", { name: /^Auto/ }).click();
}

test("msgpack and CBOR put through hex are seen decoded, integers exact, with their offsets", async ({
  launch,
  directory,
}) => {
  const { inspector, page } = await open(launch, directory);
  await inspector.workOnCopy();
  await inspector.asList();
  await inspector.showKey("other/1");
  // An array of small integers may be anything.
  await expect(page.getByRole("tab", { name: "Auto hex" })).toBeVisible();
  await typeHex(inspector, MSGPACK);
  await expect(page.getByRole("tab", { name: "Auto msgpack" })).toBeVisible();
  const msgpack = page.getByRole("tree", { name: "msgpack tree" });
  await expect(msgpack.getByRole("treeitem")).toHaveText([
    "{ 2 members }0x0",
    '"id":9007199254740993exact 64-bit integer0x4',
    '"user":"Ada"0x12',
  ]);
  await typeHex(inspector, CBOR);
  const cbor = page.getByRole("tree", { name: "CBOR tree" });
  await expect(cbor.getByRole("treeitem", { name: "18446744073709551615" })).toBeVisible();
  await cbor.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowLeft");
  await expect(cbor.getByRole("treeitem")).toHaveCount(1);
});

test("a decoder that fails says where and why, and shows the bytes", async ({ launch, directory }) => {
  const { inspector, page } = await open(launch, directory);
  await inspector.showKey("session/2");
  await page.getByRole("button", { name: "Decode as" }).click();
  await page.getByRole("menuitemradio", { name: "msgpack" }).click();
  await expect(page.getByRole("tab", { name: "msgpack", selected: true })).toBeVisible();
  await expect(
    page.getByText("msgpack: byte 0x2: C1 is the one byte that begins nothing; shown as hex."),
  ).toBeVisible();
  await expect(page.getByRole("listbox", { name: "Bytes of session/2" })).toContainText("9201C1");
  await page.getByRole("button", { name: "Decode as" }).click();
  await page.getByRole("menuitemradio", { name: "UTF-16 LE" }).click();
  await expect(page.getByText("UTF-16 LE: byte 0x3: the bytes end inside a character; shown as hex.")).toBeVisible();
});

test("a rule says what is meant for keys like this one, and is there again when the file is opened again", async ({
  launch,
  directory,
}) => {
  const { inspector, page, file } = await open(launch, directory);
  await inspector.showKey("session/2");
  await page.getByRole("button", { name: "Decode as" }).click();
  await page.getByRole("menuitem", { name: /^Always for keys like/ }).click();
  const dialog = page.getByRole("dialog", { name: "How values of this file are shown" });
  await expect(dialog.getByRole("textbox", { name: "Keys of rule 1" })).toHaveValue("session/*");
  await dialog.getByRole("combobox", { name: "Decoder of rule 1" }).selectOption("CBOR");
  await expect(dialog).toContainText("session/2 is shown as CBOR.");
  await dialog.getByRole("button", { name: "Add rule" }).click();
  await dialog.getByRole("textbox", { name: "Keys of rule 2" }).fill("session/1");
  await dialog.getByRole("combobox", { name: "Decoder of rule 2" }).selectOption("msgpack");
  await dialog.getByRole("button", { name: "Try rule 2 earlier" }).click();
  await dialog.getByRole("button", { name: "Save rules" }).click();
  await expect(page.getByRole("button", { name: "by rule session/*" })).toBeVisible();
  await expect(page.getByText(/CBOR: byte 0x0: 18 items announced, 2 bytes left; shown as hex/)).toBeVisible();

  await page.keyboard.press("Control+W");
  await inspector.open(file);
  await inspector.isRead("values.wal");
  await inspector.showKey("session/1");
  await expect(page.getByRole("button", { name: "by rule session/1" })).toBeVisible();
  await expect(page.getByRole("tree", { name: "msgpack tree" })).toBeVisible();
  await inspector.showKey("other/1");
  await expect(page.getByRole("button", { name: /^by rule/ })).toHaveCount(0);
});
