import { limits } from "@softadastra/inspector-contract";
import { afterEach, describe, expect, test, vi } from "vitest";
import { sessionState } from "../../testing/facts.ts";
import { FakeHost } from "../../testing/fake-host.ts";
import { openPage } from "../../testing/page.ts";

async function open(host: FakeHost) {
  await openPage(host);
  const rules = await import("./decoder-rules.ts");
  rules.startRules();
  return rules;
}

const openFile = (host: FakeHost, originPath: string) =>
  host.publishSession({ state: sessionState({ session: originPath.length, originPath }) });

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("rules", () => {
  test("belong to the file, and are there when it is opened again", async () => {
    const host = new FakeHost();
    const page = await open(host);
    await openFile(host, "/a.wal");
    page.saveRules([{ glob: "session/*", decoder: "msgpack" }]);
    await openFile(host, "/other.wal");
    expect(page.useRules.getState().rules).toEqual([]);
    await openFile(host, "/a.wal");
    expect(page.useRules.getState().rules).toEqual([{ glob: "session/*", decoder: "msgpack" }]);

    const [kept] = host.inputsOf("settings.write");
    vi.unstubAllGlobals();
    const later = new FakeHost({ decoderRules: kept?.value ?? "" });
    const again = await open(later);
    await openFile(later, "/a.wal");
    expect(again.ruleFor(again.useRules.getState().rules, "session/1")).toEqual({
      glob: "session/*",
      decoder: "msgpack",
    });
  });

  test("decide by the first that matches", async () => {
    const { ruleFor } = await open(new FakeHost());
    const rules = [
      { glob: "a/1", decoder: "hex" },
      { glob: "a/*", decoder: "cbor" },
      { glob: "*", decoder: "text:utf-16le" },
    ] as const;
    expect(["a/1", "a/2", "b"].map((name) => ruleFor(rules, name)?.decoder)).toEqual(["hex", "cbor", "text:utf-16le"]);
    expect(ruleFor([], "a")).toBeNull();
  });

  test("of a file that has none any more are forgotten", async () => {
    const { withRules, parseRules } = await open(new FakeHost());
    const kept = parseRules(withRules([], "/a", [{ glob: "*", decoder: "hex" }]));
    expect(withRules(kept, "/a", [])).toBe("[]");
  });

  test("of very many files and very long ones fit what a setting may hold: the oldest go", async () => {
    const { withRules, parseRules, RULES_MAX, RULED_FILES_MAX } = await open(new FakeHost());
    let kept: ReturnType<typeof parseRules> = [];
    const rules = Array.from({ length: RULES_MAX + 5 }, (_, i) => ({
      glob: `${"x".repeat(150)}${i}`,
      decoder: "cbor" as const,
    }));
    for (let i = 0; i < RULED_FILES_MAX + 10; i += 1) {
      const text = withRules(kept, `/file-${i}.wal`, i % 2 === 0 ? rules : rules.slice(0, 1));
      expect(text.length).toBeLessThanOrEqual(limits.SETTING_CHARS_MAX);
      kept = parseRules(text);
      expect(kept.at(-1)?.path).toBe(`/file-${i}.wal`);
    }
    expect(kept.length).toBeLessThanOrEqual(RULED_FILES_MAX);
    expect(kept.at(-2)?.rules).toHaveLength(RULES_MAX);
  });

  test.each([
    ["not JSON", "{"],
    ["no list", '{"path":"/a"}'],
    ["other things", '[1,null,{"path":1,"rules":[]},{"path":"/a","rules":"x"}]'],
  ])("kept as %s are none", async (_, text) => {
    const { parseRules } = await open(new FakeHost());
    expect(parseRules(text)).toEqual([]);
  });

  test("with a decoder that is not known are left out", async () => {
    const { parseRules } = await open(new FakeHost());
    const text =
      '[{"path":"/a","rules":[{"glob":"*","decoder":"protobuf"},{"glob":"*","decoder":"text:ebcdic"},{"glob":"a","decoder":"hex"}]}]';
    expect(parseRules(text)).toEqual([{ path: "/a", rules: [{ glob: "a", decoder: "hex" }] }]);
  });
});
