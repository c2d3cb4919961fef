import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { calmly } from "./calm.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

test("the first asking runs at once, those that follow together after the pause, and none is lost", async () => {
  let runs = 0;
  const calm = calmly(250, async () => {
    runs += 1;
  });
  calm.ask();
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toBe(1);
  for (let i = 0; i < 100; i += 1) {
    calm.ask();
    await vi.advanceTimersByTimeAsync(10);
  }
  // A second of asking without a pause: it neither waits for its end nor runs each time.
  expect(runs).toBe(5);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(runs).toBe(5);
  calm.ask();
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toBe(6);
});

test("work that takes longer than the pause never runs twice at once, and runs again for what came meanwhile", async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const calm = calmly(100, async () => {
    running += 1;
    runs += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 350));
    running -= 1;
  });
  for (let i = 0; i < 50; i += 1) {
    calm.ask();
    await vi.advanceTimersByTimeAsync(20);
  }
  await vi.advanceTimersByTimeAsync(2_000);
  expect(most).toBe(1);
  expect(runs).toBe(4);
});

test("ended, it forgets what was asked for", async () => {
  let runs = 0;
  const calm = calmly(100, async () => {
    runs += 1;
  });
  calm.ask();
  calm.end();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(runs).toBe(0);
  calm.ask();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(runs).toBe(1);
});
