import { channelSuite, memoryChannel } from "@softadastra/inspector-contract";
import { describe, expect, test } from "vitest";
import { startInspector } from "../testing.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe("the memory channel", () => {
  test.each(channelSuite.map((step) => [step.name, step] as const))("%s", async (_, step) => {
    const inspector = startInspector();
    await step.run({
      wait,
      connect: () => {
        const pair = memoryChannel();
        inspector.serve(pair.host);
        return pair.client;
      },
    });
  });

  test("with a token: a wrong or missing one ends the connection before any command", async () => {
    const inspector = startInspector();
    for (const token of [undefined, "", "wrong", "secret-token-and-more", "secret-toke"]) {
      const pair = memoryChannel();
      inspector.serve(pair.host, "secret-token");
      const frames: { t?: string }[] = [];
      let isClosed = false;
      pair.client.onFrame((frame) => frames.push(frame as { t?: string }));
      pair.client.onClose(() => {
        isClosed = true;
      });
      pair.client.send({ t: "hello", v: 1, ...(token === undefined ? {} : { token }) });
      pair.client.send({ t: "call", id: 1, command: "app.info", input: {} });
      await wait(20);
      expect([isClosed, frames.map((frame) => frame.t)]).toEqual([true, ["bye"]]);
    }
  });
});
