/**
 * Payloads against the inspector: for every command inputs that are right, nearly right and hostile, with a file open and
 * in any order; and frames that are cut, mixed and made up. The seed is printed; seeds that once failed are run every time.
 */
import fs from "node:fs";
import { join } from "node:path";
import {
  ClientFrame,
  type CommandName,
  commands,
  createClient,
  HostFrame,
  isCommandName,
  limits,
  memoryChannel,
  textChannel,
} from "@softadastra/inspector-contract";
import fc from "fast-check";
import * as v from "valibot";
import { expect, onTestFinished, test, vi } from "vitest";
import { startInspector, type TestInspector } from "../testing.ts";

const KEPT_SEEDS: readonly number[] = [];
const seeds = [...KEPT_SEEDS, Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)];
const SAMPLES = join(import.meta.dirname, "../../../resources/samples");

/** What stands in an input for an identity that exists when it is sent. */
class Live {
  readonly of: "session" | "view" | "drop";
  constructor(of: Live["of"]) {
    this.of = of;
  }
}
const live = (of: Live["of"]) => fc.constant(new Live(of));
const often = <T, U>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<U>) =>
  fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: rare });

const flag = fc.boolean();
const count = fc.oneof(fc.nat(600), fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER), fc.maxSafeNat());
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("user", "key:a", "value:x", "size>3", "seq:1", "/a.*/", "/(a+)+$/", "*", "[", "\\", "size>", '"'),
);
const anyKey = fc.oneof(
  fc.constantFrom("", "A", "=", "dXNlcg", "dXNl cg==", "dXNlcg==", "AA==", "//8="),
  fc.uint8Array({ minLength: 1, maxLength: 40 }).map((piece) => Buffer.from(piece).toString("base64")),
);
const bytes = fc.uint8Array({ maxLength: 3_000 }).map((piece) => Buffer.from(piece).toString("base64"));

/** A key of the open log, and the place of a record that wrote it. */
interface Version {
  readonly key: string;
  readonly offset: number;
}

/** Every field of every command's input, by its name. Paths lie in the test's directory. */
function fieldsIn(directory: string, versions: readonly Version[]): Record<string, fc.Arbitrary<unknown>> {
  const key = often(fc.constantFrom(...versions.map((version) => version.key)), anyKey);
  const path = often(
    fc
      .constantFrom(
        "demo.wal",
        "torn.wal",
        "damaged.wal",
        "notes.txt",
        "empty.wal",
        "absent.wal",
        "new.wal",
        ".",
        "a/b",
      )
      .map((name) => join(directory, name)),
    fc.constantFrom("", "\0", `${directory}/${"x".repeat(300)}`, "x".repeat(limits.PATH_CHARS_MAX + 1)),
  );
  const separator = fc.constantFrom("/", ":", ".", "");
  const name = fc.constantFrom(
    "dropped.wal",
    "theme",
    "view.keys",
    "../../up.wal",
    "..",
    ".",
    "/",
    "a/..",
    "demo",
    "torn",
    "damaged",
    "a b",
    "",
    "\0",
  );
  const small = fc.nat(5_000);
  // The last write of the demo store, and ranges that are none.
  const demoBytes = fs.statSync(join(SAMPLES, "demo.wal")).size;
  const range = often(
    fc.constant({ start: demoBytes - 96, end: demoBytes }),
    fc.oneof(
      fc.record({ start: count, end: count }),
      fc.constantFrom({ start: 0, end: 0 }, { start: 0, end: demoBytes }, null, {}),
    ),
  );
  const fault = fc.constantFrom(
    { kind: "kill" },
    { kind: "flush" },
    { kind: "power", loss: "hole" },
    { kind: "flip", bit: 3 },
    { kind: "sector", sectorBytes: 4096 },
    { kind: "flip", bit: 8 },
    { kind: "sector" },
    { kind: "other" },
  );
  return {
    range,
    fault,
    cut: often(fc.nat(96), count),
    from: often(fc.nat(96), count),
    records: fc.constantFrom(null, 1, 5, 1_000, 0),
    // Each is a process that is started and killed.
    outstanding: fc.constantFrom(1, 4, 0, 65),
    confirmed: fc.constantFrom(0, 2, -1, 1e9),
    session: often(live("session"), count),
    view: often(live("view"), count),
    drop: often(live("drop"), count),
    path,
    suggestedName: path,
    separator,
    name,
    key,
    to: key,
    prefix: key,
    value: bytes,
    bytes,
    search: text,
    text,
    title: text,
    offset: count,
    asOf: often(small, count),
    sequence: count,
    count,
    columns: often(fc.integer({ min: 1, max: 4_096 }), count),
    start: small,
    length: often(small, count),
    fileBytes: small,
    draftCount: count,
    publish: fc.nat(20),
    waitMs: fc.nat(5),
    searchWhole: flag,
    overwrite: flag,
    showLive: flag,
    showDeleted: flag,
    isOn: flag,
    isOpen: flag,
    mustBeNew: flag,
    withDeleted: flag,
    skipBad: flag,
    purpose: fc.constantFrom("log", "rows"),
    rows: fc.constantFrom("keys", "records"),
    values: fc.constantFrom("text", "base64", "none"),
    check: small,
    prune: flag,
    policy: fc.constantFrom("valid-prefix", "skip-damaged"),
    planId: fc.constantFrom("", "0".repeat(64), "x".repeat(65)),
    target: fc.oneof(
      fc.record({ kind: fc.constant("new-file"), path }),
      fc.record({ kind: fc.constant("in-place"), backupPath: path }),
      fc.jsonValue(),
    ),
    repair: fc.nat(3),
    format: fc.constantFrom("markdown", "json", "ndjson", "csv", "html"),
    mode: fc.constantFrom("inspect", "sandbox", "write"),
    shape: fc.constantFrom("tree", "list"),
    filter: fc.constantFrom(
      "all",
      "gained",
      "comes-back",
      "open",
      "stuck",
      "pending",
      "queued",
      "in_flight",
      "acknowledged",
      "failed",
    ),
    everyMs: fc.constantFrom(null, 100, 3_600_000, 99, 0.5),
  };
}

/** Inputs of a command: mostly of its fields, one of them perhaps missing, wrong or too many; or anything at all. */
function inputOf(
  name: CommandName,
  fields: Record<string, fc.Arbitrary<unknown>>,
  versions: readonly Version[],
): fc.Arbitrary<unknown> {
  const own = Object.entries(commands[name].input.entries).map(([field, { type }]) => {
    const arbitrary = fields[field];
    if (arbitrary === undefined) throw new Error(`no values are known for ${name}: ${field}`);
    return { field, arbitrary, isOptional: type === "optional" };
  });
  const model = Object.fromEntries(own.map(({ field, arbitrary }) => [field, arbitrary]));
  const requiredKeys = own.flatMap(({ field, isOptional }) => (isOptional ? [] : [field]));
  const right = fc.record(model, { requiredKeys });
  const matched = fc
    .tuple(right, fc.constantFrom(...versions))
    .map(([input, version]) => ({ ...input, ...("key" in model && "offset" in model ? version : {}) }));
  const at = fc.constantFrom(...own.map(({ field }) => field), "extra", "constructor");
  const bent = fc.tuple(right, at, fc.jsonValue()).map(([input, field, wrong]) => ({ ...input, [field]: wrong }));
  return fc.oneof(
    { weight: 3, arbitrary: right },
    { weight: 3, arbitrary: matched },
    { weight: 1, arbitrary: fc.record(model, { requiredKeys: [] }) },
    { weight: 1, arbitrary: bent },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
}

/** Remembers which session, view and drop there are, and puts them where an input stands for them. */
class Identities {
  readonly #known = { session: 0, view: 0, drop: 0 };

  learn(value: unknown): void {
    const Known = v.object({
      session: v.optional(v.number()),
      view: v.optional(v.number()),
      drop: v.optional(v.number()),
      state: v.optional(v.nullable(v.object({ session: v.number() }))),
    });
    const seen = v.safeParse(Known, value);
    if (!seen.success) return;
    const { session = seen.output.state?.session, view, drop } = seen.output;
    Object.assign(this.#known, JSON.parse(JSON.stringify({ session, view, drop })));
  }

  latest(of: Live["of"]): number {
    return this.#known[of];
  }

  fill(input: unknown): unknown {
    if (input instanceof Live) return this.#known[input.of];
    if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
    return Object.fromEntries(Object.entries(input).map(([field, value]) => [field, this.fill(value)]));
  }
}

const LIST = { shape: "list", separator: "/", search: "", showLive: true, showDeleted: true } as const;

/** What the demo store holds, which is then open as a sandbox. */
async function openDemo(inspector: TestInspector, identities: Identities): Promise<Version[]> {
  const { session } = await inspector.call("session.openSample", { name: "demo" });
  await inspector.indexed();
  const { view } = await inspector.call("keys.open", { session, ...LIST });
  identities.learn({ session, view });
  const { rows } = await inspector.call("keys.rows", { view, start: 0, count: 30 });
  const keys = rows.flatMap((row) => (row.kind === "key" ? [row.key] : []));
  const described = keys.map((key) => inspector.call("keys.describe", { session, key, separator: "/" }));
  return (await Promise.all(described)).flatMap(({ history }, at) =>
    history.map(({ offset }) => ({ key: keys[at] ?? "", offset })),
  );
}

function fillDirectory(inspector: TestInspector): void {
  // Sandboxes and dropped files are made there too, and go with it.
  vi.stubEnv("TMPDIR", inspector.directory);
  // Relative paths begin at home.
  vi.stubEnv("HOME", inspector.directory);
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const name of ["demo", "torn", "damaged"]) {
    fs.copyFileSync(join(SAMPLES, `${name}.wal`), join(inspector.directory, `${name}.wal`));
  }
  fs.writeFileSync(join(inspector.directory, "notes.txt"), "no log at all");
  fs.writeFileSync(join(inspector.directory, "empty.wal"), "");
}

const Answered = v.variant("ok", [
  v.strictObject({ ok: v.literal(true), value: v.unknown() }),
  v.strictObject({
    ok: v.literal(false),
    error: v.strictObject({
      code: v.string(),
      message: v.pipe(v.string(), v.minLength(1)),
      details: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
    }),
  }),
]);

test.each(seeds)(
  "any input to any command is answered with its value or a code it lists, seed %i",
  { timeout: 120_000 },
  async (seed) => {
    console.log(`seed ${seed}`);
    const inspector = startInspector();
    fillDirectory(inspector);
    const identities = new Identities();
    const succeeded = new Set<string>();
    const names = Object.keys(commands).filter(isCommandName);
    const versions = await openDemo(inspector, identities);
    const fields = fieldsIn(inspector.directory, versions);
    const steps = names.map((name) => fc.tuple(fc.constant(name), inputOf(name, fields, versions)));
    // The demo store comes back now and then, or what asks for its keys would soon find them gone.
    const demo = fc.constant(["session.openSample", { name: "demo" }] as const);
    const list = fc.constant(["keys.open", { session: new Live("session"), ...LIST }] as const);
    const step = fc.oneof(demo, { weight: 3, arbitrary: list }, ...steps);
    const run = async (name: CommandName, drawn: unknown) => {
      const input = identities.fill(drawn);
      const told = `${name} ${JSON.stringify(input)?.slice(0, 300)}`;
      const answer = v.parse(Answered, await Reflect.apply(inspector.client.call, inspector.client, [name, input]));
      const isRight = v.safeParse(commands[name].input, input).success;
      if (answer.ok) {
        expect(isRight, told).toBe(true);
        expect(v.is(commands[name].output, answer.value), told).toBe(true);
        succeeded.add(name);
        identities.learn(answer.value);
      } else if (isRight) {
        const codes: readonly string[] = commands[name].codes;
        expect(codes, `${told}: ${answer.error.message}`).toContain(answer.error.code);
      } else expect(answer.error.code, told).toBe("InvalidInput");
    };
    await fc.assert(
      fc.asyncProperty(step, ([name, input]) => run(name, input)),
      { seed, numRuns: 1_500, endOnFailure: true },
    );
    // Most commands did their work at least once: the refusals are not for want of a file.
    expect(names.filter((name) => !succeeded.has(name)).length, [...succeeded].join(" ")).toBeLessThan(
      names.length / 3,
    );
    expect(inspector.internalErrors).toEqual([]);
  },
);

const hello = { t: "hello", v: limits.PROTOCOL_VERSION };
const id = fc.constantFrom(0, 1, 2, 3);
const goodFrame = fc.oneof(
  fc.record({
    t: fc.constant("call"),
    id: fc.nat(),
    command: fc.constantFrom("app.echo", "session.current", "no.such", "__proto__"),
    input: fc.constantFrom({}, { text: "x" }, { text: "x", waitMs: 1 }, null),
  }),
  fc.record({ t: fc.constant("subscribe"), id, event: fc.constantFrom("session", "echo", "request", "toString") }),
  fc.record({ t: fc.constantFrom("cancel", "unsubscribe"), id }),
  fc.record({ t: fc.constant("ack"), id, sequence: id }),
);
const badFrame = fc.oneof(
  fc.jsonValue(),
  fc.tuple(goodFrame, fc.string(), fc.jsonValue()).map(([frame, field, value]) => ({ ...frame, [field]: value })),
  fc.constantFrom(
    hello,
    { ...hello, v: 2 },
    { ...hello, token: 1 },
    { t: "call" },
    { t: "bye" },
    { t: "call", id: -1 },
  ),
);
const asText = (frame: unknown) => JSON.stringify(frame);
const badText = fc.oneof(
  badFrame.map(asText),
  fc.string({ unit: "binary" }),
  fc.tuple(goodFrame, fc.nat(40)).map(([frame, at]) => asText(frame).slice(0, at)),
  fc.constantFrom(
    "",
    "{}",
    "[]",
    "null",
    '{"t":"call","t":"hello","v":1}',
    "[".repeat(5_000),
    '{"__proto__":{"t":"hello"}}',
  ),
);
const texts = fc
  .tuple(often(fc.constant(asText(hello)), badText), fc.array(often(goodFrame.map(asText), badText), { maxLength: 12 }))
  .map(([first, rest]) => [first, ...rest]);

/** Which frame ends the connection, by the rules of the protocol; -1 when none does. */
function refusedAtIn(sent: readonly string[]): number {
  const subscribed = new Set<number>();
  return sent.findIndex((piece, at) => {
    let parsed: v.SafeParseResult<typeof ClientFrame>;
    try {
      parsed = v.safeParse(ClientFrame, JSON.parse(piece));
    } catch {
      return true;
    }
    if (!parsed.success) return true;
    const frame = parsed.output;
    if (at === 0) return frame.t !== "hello" || frame.v !== limits.PROTOCOL_VERSION;
    if (frame.t === "unsubscribe") subscribed.delete(frame.id);
    if (frame.t !== "subscribe") return frame.t === "hello";
    if (subscribed.has(frame.id) || !["session", "echo", "request"].includes(frame.event)) return true;
    subscribed.add(frame.id);
    return false;
  });
}

test.each(seeds)(
  "of any frames those before the first wrong one are served, and that one ends the connection, seed %i",
  { timeout: 60_000 },
  async (seed) => {
    console.log(`seed ${seed}`);
    const inspector = startInspector();
    const outcomes = { served: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(texts, async (sent) => {
        const received: HostFrame[] = [];
        let closings = 0;
        let onText: (text: string) => void = () => undefined;
        const connection = inspector.serve(
          textChannel<HostFrame>({
            send: (frame) => received.push(v.parse(HostFrame, JSON.parse(frame))),
            onText: (listener) => {
              onText = listener;
            },
            onClose: () => undefined,
            close: () => {
              closings += 1;
            },
          }),
        );
        for (const piece of sent) onText(piece);
        const refusedAt = refusedAtIn(sent);
        const kinds = () => received.map((frame) => frame.t);
        const calls = sent.slice(1).filter((piece) => piece.startsWith('{"t":"call"'));
        if (refusedAt === -1) {
          outcomes.served += 1;
          for (let i = 0; i < 200 && kinds().filter((kind) => kind === "reply").length < calls.length; i += 1) {
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          expect(kinds().filter((kind) => kind === "reply")).toHaveLength(calls.length);
          expect([kinds()[0], kinds().includes("bye"), closings]).toEqual(["welcome", false, 0]);
        } else {
          outcomes.refused += 1;
          expect([kinds().at(-1), kinds().indexOf("bye"), closings]).toEqual(["bye", received.length - 1, 1]);
          expect(kinds().includes("welcome")).toBe(refusedAt > 0);
          const atEnd = received.length;
          await new Promise((resolve) => setImmediate(resolve));
          expect(received).toHaveLength(atEnd);
        }
        connection.close();
      }),
      { seed, numRuns: 1_000 },
    );
    expect(Math.min(outcomes.served, outcomes.refused)).toBeGreaterThan(100);
    const pair = memoryChannel();
    inspector.serve(pair.host);
    expect(await createClient(pair.client).call("app.echo", { text: "after" })).toEqual({
      ok: true,
      value: { text: "after" },
    });
  },
);
