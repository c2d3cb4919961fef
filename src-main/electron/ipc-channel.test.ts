import { channelSuite, type HostChannel, IPC, limits } from "@softadastra/inspector-contract";
import { describe, expect, test } from "vitest";
import { startInspector } from "../inspector/testing.ts";
import { isTrustedSender, serveIpc } from "./ipc-channel.ts";
import { isOwnPage, PAGE_URL } from "./page-protocol.ts";
import { endIpcWithTest, FakePage } from "./testing.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

interface HostEnd {
  readonly channel: HostChannel;
  readonly frames: unknown[];
  isClosed: boolean;
}

/** A host that keeps its connections and what comes in on each. */
function serve(): HostEnd[] {
  const ends: HostEnd[] = [];
  endIpcWithTest();
  serveIpc({
    isOwnPage,
    onConnect: (channel) => {
      const end: HostEnd = { channel, frames: [], isClosed: false };
      channel.onFrame((frame) => end.frames.push(frame));
      channel.onClose(() => {
        end.isClosed = true;
      });
      ends.push(end);
    },
  });
  return ends;
}

describe("the channel over Electron's IPC", () => {
  test.each(channelSuite.map((step) => [step.name, step] as const))("%s", async (_, step) => {
    const inspector = startInspector();
    const page = new FakePage();
    endIpcWithTest();
    serveIpc({ isOwnPage, onConnect: (channel) => void inspector.serve(channel) });
    await step.run({ wait, connect: () => page.connect() });
  });
});

describe("a sender is trusted", () => {
  const frame = (url: string) => ({ url });
  const isTrusted = (mainFrame: unknown, from: unknown) => {
    const page = new FakePage();
    page.mainFrame = mainFrame as FakePage["mainFrame"];
    return isTrustedSender(page.contents, from as { url: string }, isOwnPage);
  };

  test("only when it is the main frame itself, showing our own page", () => {
    const main = frame(PAGE_URL);
    expect(isTrusted(main, main)).toBe(true);
    expect(isTrusted(main, frame(PAGE_URL))).toBe(false);
    for (const url of ["https://evil.example/", "app://elsewhere/", "about:blank", "file:///x", ""]) {
      const stranger = frame(url);
      expect([url, isTrusted(stranger, stranger)]).toEqual([url, false]);
    }
  });

  test("never when its frame is gone, even if the page has none either", () => {
    expect(isTrusted(frame(PAGE_URL), null)).toBe(false);
    expect(isTrusted(frame(PAGE_URL), undefined)).toBe(false);
    expect(isTrusted(null, null)).toBe(false);
    expect(isTrusted(null, undefined)).toBe(false);
    expect(isTrusted(null, frame(PAGE_URL))).toBe(false);
  });
});

describe("a message of a stranger", () => {
  const strangers = (page: FakePage): [string, unknown][] => [
    ["a frame within the page", { url: PAGE_URL }],
    ["a frame of another page", { url: "https://evil.example/" }],
    ["a frame that is gone", null],
    ["no frame", undefined],
    ["a copy of the main frame", { ...page.mainFrame }],
  ];

  test("opens no connection, and is not answered", () => {
    const ends = serve();
    const page = new FakePage();
    for (const [, frame] of strangers(page)) page.postFrom(frame, [IPC.connect, 1]);
    const elsewhere = new FakePage("https://evil.example/");
    elsewhere.post([IPC.connect, 1]);
    expect([ends.length, page.sent, elsewhere.sent]).toEqual([0, [], []]);
  });

  test("brings no frame to an open connection, and does not end it", () => {
    const ends = serve();
    const page = new FakePage();
    page.post([IPC.connect, 1]);
    for (const [, frame] of strangers(page)) {
      page.postFrom(frame, [IPC.frame, 1, '{"t":"hello"}']);
      page.postFrom(frame, [IPC.disconnect, 1]);
      page.postFrom(frame, [IPC.frame, 1, "x".repeat(limits.FRAME_BYTES_MAX + 1)]);
    }
    expect([ends[0]?.frames, ends[0]?.isClosed, page.sent]).toEqual([[], false, []]);
    page.post([IPC.frame, 1, '{"t":"hello"}']);
    expect(ends[0]?.frames).toEqual([{ t: "hello" }]);
  });

  test("is any message of a page that has gone elsewhere since it connected", () => {
    const ends = serve();
    const page = new FakePage();
    page.post([IPC.connect, 1]);
    page.mainFrame = { url: "https://evil.example/" };
    page.post([IPC.frame, 1, '{"t":"hello"}']);
    expect(ends[0]?.frames).toEqual([]);
  });

  test("with another page's connection number reaches only its own", () => {
    const ends = serve();
    const [one, two] = [new FakePage(), new FakePage()];
    one.post([IPC.connect, 1]);
    two.post([IPC.frame, 1, '"for one"']);
    two.post([IPC.disconnect, 1]);
    two.post([IPC.connect, 1]);
    two.post([IPC.frame, 1, '"for two"']);
    expect(ends.map(({ frames, isClosed }) => ({ frames, isClosed }))).toEqual([
      { frames: [], isClosed: false },
      { frames: ["for two"], isClosed: false },
    ]);
  });
});

describe("a message of our own page", () => {
  test("that is malformed changes nothing", () => {
    const ends = serve();
    const page = new FakePage();
    page.post([IPC.connect, 1]);
    for (const id of [undefined, null, "1", {}, [1], true, 1n]) {
      page.post([IPC.connect, id]);
      page.post([IPC.frame, id, '"x"']);
      page.post([IPC.disconnect, id]);
    }
    for (const text of [undefined, null, 7, {}, ["x"], Buffer.from('"x"')]) page.post([IPC.frame, 1, text]);
    for (const unknown of [2, -1, 0.5, Number.NaN]) page.post([IPC.frame, unknown, '"x"']);
    expect([ends.length, ends[0]?.frames, ends[0]?.isClosed]).toEqual([1, [], false]);
  });

  test("that is no JSON comes in as no frame, and is no exception", () => {
    const ends = serve();
    const page = new FakePage();
    page.post([IPC.connect, 1]);
    for (const text of ["", "{", "undefined", "\0"]) page.post([IPC.frame, 1, text]);
    expect(ends[0]?.frames).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("over the limit ends its connection, tells the page, and reaches nobody", () => {
    const ends = serve();
    const page = new FakePage();
    page.post([IPC.connect, 1]);
    page.post([IPC.connect, 2]);
    page.post([IPC.frame, 1, JSON.stringify("x".repeat(limits.FRAME_BYTES_MAX - 2))]);
    expect(ends[0]?.frames).toHaveLength(1);
    page.post([IPC.frame, 1, JSON.stringify("x".repeat(limits.FRAME_BYTES_MAX - 1))]);
    expect(ends.map((end) => [end.frames.length, end.isClosed])).toEqual([
      [1, true],
      [0, false],
    ]);
    expect(page.sent).toEqual([[IPC.disconnect, 1]]);
  });

  test("that connects with a number in use leaves the first connection as it is", () => {
    const ends = serve();
    const page = new FakePage();
    page.post([IPC.connect, 1]);
    page.post([IPC.connect, 1]);
    page.post([IPC.frame, 1, '"x"']);
    expect(ends.map((end) => [end.frames, end.isClosed])).toEqual([[["x"], false]]);
  });

  test("that connects once too often is told that its connection ended; one that ends frees a place", () => {
    const ends = serve();
    const page = new FakePage();
    for (let id = 1; id <= 65; id += 1) page.post([IPC.connect, id]);
    expect(ends).toHaveLength(64);
    expect(page.sent).toEqual([[IPC.disconnect, 65]]);
    page.post([IPC.disconnect, 7]);
    page.post([IPC.connect, 66]);
    expect(ends).toHaveLength(65);
    expect(new FakePage().sent).toEqual([]);
  });
});

describe("a connection ends", () => {
  test("when the host closes it, and the page is told once", () => {
    const ends = serve();
    const page = new FakePage();
    page.post([IPC.connect, 1]);
    ends[0]?.channel.close();
    ends[0]?.channel.close();
    page.post([IPC.disconnect, 1]);
    expect([ends[0]?.isClosed, page.sent]).toEqual([true, [[IPC.disconnect, 1]]]);
  });

  test("when the page closes it, and the page is not told what it knows", () => {
    const ends = serve();
    const page = new FakePage();
    page.post([IPC.connect, 1]);
    page.post([IPC.disconnect, 1]);
    expect([ends[0]?.isClosed, page.sent]).toEqual([true, []]);
  });

  test("when the page loads anew, which then finds all its numbers free", () => {
    const ends = serve();
    const page = new FakePage();
    page.post([IPC.connect, 1]);
    page.post([IPC.connect, 2]);
    page.emit("did-navigate");
    expect([ends.map((end) => end.isClosed), page.sent]).toEqual([[true, true], []]);
    page.post([IPC.connect, 1]);
    page.post([IPC.frame, 1, '"anew"']);
    expect(ends.map((end) => end.frames)).toEqual([[], [], ["anew"]]);
  });

  test("when the page is destroyed, after which nothing is sent to it", () => {
    const ends = serve();
    const page = new FakePage();
    page.post([IPC.connect, 1]);
    page.destroy();
    expect(ends[0]?.isClosed).toBe(true);
    expect(() => {
      ends[0]?.channel.send({ t: "welcome", v: 1 });
      ends[0]?.channel.close();
    }).not.toThrow();
    expect(page.sent).toEqual([]);
  });
});
