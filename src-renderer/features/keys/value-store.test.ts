import { limits, type Output } from "@softadastra/inspector-contract";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeText, sameBytes, toBase64 } from "../../lib/bytes.ts";
import { described, sessionState, version, versionPlace } from "../../testing/facts.ts";
import { FakeHost, settle } from "../../testing/fake-host.ts";
import { openPage } from "../../testing/page.ts";

const A = btoa("a");
const B = btoa("b");

interface Stored {
  readonly offset: number;
  /** null for a delete. */
  readonly bytes: Uint8Array | null;
}

/** A host with keys and their versions, newest first. */
class ValueHost extends FakeHost {
  readonly versionsByKey = new Map<string, Stored[]>();

  constructor() {
    super();
    this.on("keys.describe", ({ key }) => {
      const history = (this.versionsByKey.get(key) ?? []).map(({ offset, bytes }) =>
        version(offset, bytes === null ? "delete" : "put"),
      );
      return history.length === 0
        ? { ok: false, error: { code: "KeyAbsent", message: "This key is not in the log." } }
        : { ok: true, value: described(atob(key), history) };
    });
    this.on("keys.version", ({ key, offset }) => {
      const stored = this.versionsByKey.get(key) ?? [];
      const history = stored.map((each) => version(each.offset, each.bytes === null ? "delete" : "put"));
      const value = versionPlace(history, offset);
      if (value !== null) return { ok: true, value };
      return { ok: false, error: { code: "KeyAbsent", message: "No version of this key stands there." } };
    });
    this.on("values.read", ({ key, offset, start, length }) => {
      const versions = this.versionsByKey.get(key) ?? [];
      const found = offset === undefined ? versions[0] : versions.find((each) => each.offset === offset);
      if (found === undefined || found.bytes === null)
        return { ok: false, error: { code: "KeyAbsent", message: "There is no such value." } };
      return { ok: true, value: this.piece(found.offset, found.bytes, start, length) };
    });
  }

  piece(offset: number, bytes: Uint8Array, start: number, length: number): Output<"values.read"> {
    const piece = bytes.slice(start, start + length);
    return { bytes: toBase64(piece), valueBytes: bytes.length, sequence: offset / 100 + 1, offset };
  }

  put(key: string, offset: number, bytes: Uint8Array | null): void {
    this.versionsByKey.set(key, [{ offset, bytes }, ...(this.versionsByKey.get(key) ?? [])]);
  }
}

async function open(host: ValueHost) {
  await openPage(host);
  const navigation = await import("../../lib/navigation.ts");
  const value = await import("./value-store.ts");
  const { autoTab } = await import("./decoders.ts");
  value.startValue();
  return { ...navigation, ...value, autoTab };
}

let host: ValueHost;
let page: Awaited<ReturnType<typeof open>>;
const text = () => {
  const { value } = page.useValue.getState();
  return value === null ? null : new TextDecoder().decode(value.bytes);
};
const changed = (keysRevision: number) => host.publishSession({ state: sessionState(), keysRevision });
const cursor = () => page.useNavigation.getState().recordOffset;

beforeEach(async () => {
  host = new ValueHost();
  host.put(A, 0, encodeText("a1"));
  host.put(B, 100, encodeText("b1"));
  host.put(A, 200, encodeText("a2"));
  page = await open(host);
  await changed(1);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the key that is chosen", () => {
  test("is shown with its newest value, and its record is the one under the cursor", async () => {
    page.selectKey(A);
    await settle();
    expect(page.useValue.getState()).toMatchObject({ key: A, versionOffset: null, failure: null });
    expect(text()).toBe("a2");
    expect(cursor()).toBe(200);
  });

  test("is shown, not the one chosen before it whose answer comes later", async () => {
    const held = host.hold("values.read");
    page.selectKey(A);
    page.selectKey(B);
    await settle();
    await held[1]?.answer(host.piece(100, encodeText("b1"), 0, 10));
    await held[0]?.answer(host.piece(200, encodeText("a2"), 0, 10));
    expect(page.useValue.getState().key).toBe(B);
    expect(text()).toBe("b1");
  });

  test("follows the log: a new value is shown when it is written", async () => {
    page.selectKey(A);
    await settle();
    host.put(A, 300, encodeText("a3"));
    await changed(2);
    expect(text()).toBe("a3");
    expect(cursor()).toBe(300);
  });

  test("that is not in the log says so, and nothing of the key before is left", async () => {
    page.selectKey(A);
    await settle();
    page.selectKey(btoa("gone"));
    await settle();
    expect(page.useValue.getState()).toMatchObject({
      described: null,
      value: null,
      failure: "This key is not in the log.",
    });
  });

  test("let go, shows nothing, also when its answer is still under way", async () => {
    host.hold("values.read");
    page.selectKey(A);
    page.selectKey(null);
    await settle();
    expect(page.useValue.getState()).toMatchObject({ key: null, value: null });
  });

  test("deleted, has no value, which is no failure", async () => {
    host.put(A, 300, null);
    page.selectKey(A);
    await settle();
    expect(page.useValue.getState()).toMatchObject({ described: { isDeleted: true }, value: null, failure: null });
  });
});

describe("the record under the cursor", () => {
  test("stays where it was put, though the key has a newer record", async () => {
    page.goToKey(A, 0);
    await settle();
    expect(cursor()).toBe(0);
    await changed(2);
    expect(cursor()).toBe(0);
  });

  test("is the newest of a key that is chosen by its name, whatever it was before", async () => {
    page.goToKey(A, 0);
    await settle();
    page.goToKey(B);
    await settle();
    expect(cursor()).toBe(100);
  });

  test("is that of the version that is shown", async () => {
    page.goToKey(A, 200);
    await settle();
    page.showVersion(0);
    await settle();
    expect(cursor()).toBe(0);
    page.showVersion(null);
    await settle();
    expect(cursor()).toBe(200);
  });
});

describe("versions", () => {
  beforeEach(async () => {
    host.put(A, 300, null);
    host.put(A, 400, encodeText("a4"));
    page.selectKey(A);
    await settle();
  });

  test("are stepped through with the deletes left out, and the newest is the newest, not a fixed record", async () => {
    const shown: (string | null)[] = [];
    for (const step of [1, 1, 1, -1, -1, -1] as const) {
      page.stepVersion(step);
      await settle();
      shown.push(text());
    }
    expect(shown).toEqual(["a2", "a1", "a1", "a2", "a4", "a4"]);
    expect(page.useValue.getState().versionOffset).toBeNull();
  });

  test("that are older stay on the screen while the log goes on", async () => {
    page.showVersion(200);
    await settle();
    host.put(A, 500, encodeText("a5"));
    await changed(2);
    expect(text()).toBe("a2");
    expect(page.useValue.getState().described?.current.offset).toBe(500);
  });
});

describe("a value longer than the preview", () => {
  const long = Uint8Array.from({ length: limits.PREVIEW_BYTES_MAX + 70_000 }, (_, i) => i % 251);
  const shownBytes = () => page.useValue.getState().value?.bytes ?? new Uint8Array();

  beforeEach(async () => {
    host.put(B, 300, long);
    page.selectKey(B);
    await settle();
  });

  test("is shown up to there, with its whole length", () => {
    expect(page.useValue.getState().value?.valueBytes).toBe(long.length);
    expect(sameBytes(shownBytes(), long.slice(0, limits.PREVIEW_BYTES_MAX))).toBe(true);
  });

  test("is whole when all of it was asked for, and stays whole when something else changes", async () => {
    await page.loadAll();
    expect(sameBytes(shownBytes(), long)).toBe(true);
    await changed(2);
    await settle();
    expect(sameBytes(shownBytes(), long)).toBe(true);
  });

  test("is loaded whole though something else changes meanwhile", async () => {
    const held = host.hold("values.read");
    const loading = page.loadAll();
    await settle();
    await changed(2);
    for (const { input, answer } of held) await answer(host.piece(300, long, input.start, input.length));
    await held.at(-1)?.answer(host.piece(300, long, limits.VALUE_CHUNK_BYTES_MAX, limits.VALUE_CHUNK_BYTES_MAX));
    await loading;
    expect(sameBytes(shownBytes(), long)).toBe(true);
  });

  test("is never put together from two versions", async () => {
    const held = host.hold("values.read");
    const loading = page.loadAll();
    await settle();
    await held[0]?.answer(host.piece(300, long, 0, limits.VALUE_CHUNK_BYTES_MAX));
    expect(held[1]?.input).toMatchObject({ offset: 300, start: limits.VALUE_CHUNK_BYTES_MAX });
    await held[1]?.answer(host.piece(300, long, limits.VALUE_CHUNK_BYTES_MAX, limits.VALUE_CHUNK_BYTES_MAX));
    await loading;
    expect(sameBytes(shownBytes(), long)).toBe(true);
  });
});

describe("how a value is shown by itself", () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);
  test.each([
    ["png", bytes(0x89, 0x50), "image"],
    ["bytes", encodeText("abc"), "hex"],
    ["text", bytes(0x61, 0xff), "hex"],
    ["json", encodeText("{}"), "json"],
    ["json", bytes(0x7b, 0xff), "hex"],
    ["text", encodeText("abc"), "text"],
    ["empty", bytes(), "text"],
  ] as const)("kind %s, as the host guesses it", (kind, value, tab) => {
    expect(page.autoTab(kind, value)).toBe(tab);
  });
});
