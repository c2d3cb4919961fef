import { beforeEach, describe, expect, test, vi } from "vitest";
import { mayLeave, registerUnsavedWork, unsavedWorkChanged, useGuard } from "./guard.ts";

let unsaved: string[] = [];
const save = vi.fn(async () => true);
const discard = vi.fn();

beforeEach(() => {
  unsaved = ["settings/theme", "user/1"];
  save.mockReset().mockResolvedValue(true);
  discard.mockReset();
  useGuard.setState({ question: null, draftCount: 0 });
  registerUnsavedWork({ list: () => unsaved, save, discard });
});

const question = () => {
  const asked = useGuard.getState().question;
  if (asked === null) throw new Error("nothing is asked");
  return asked;
};

test("nothing unsaved: nobody is asked", async () => {
  unsaved = [];
  expect(await mayLeave("closing")).toBe(true);
  expect(useGuard.getState().question).toBeNull();
});

describe("with unsaved drafts the question names them and what was asked for", () => {
  test("cancel stays, and nothing is saved or lost", async () => {
    const leaving = mayLeave("closing node.wal");
    expect(question()).toMatchObject({ action: "closing node.wal", drafts: ["settings/theme", "user/1"] });
    question().answer("cancel");
    expect(await leaving).toBe(false);
    expect([save.mock.calls.length, discard.mock.calls.length]).toEqual([0, 0]);
    expect(useGuard.getState().question).toBeNull();
  });

  test("save goes on when everything could be saved", async () => {
    const leaving = mayLeave("closing");
    question().answer("save");
    expect(await leaving).toBe(true);
    expect(discard).not.toHaveBeenCalled();
  });

  test("save stays when something could not be saved", async () => {
    save.mockResolvedValue(false);
    const leaving = mayLeave("closing");
    question().answer("save");
    expect(await leaving).toBe(false);
    expect(discard).not.toHaveBeenCalled();
  });

  test("discard goes on without saving", async () => {
    const leaving = mayLeave("closing");
    question().answer("discard");
    expect(await leaving).toBe(true);
    expect(save).not.toHaveBeenCalled();
    expect(discard).toHaveBeenCalledTimes(1);
  });

  test("a second request asks anew, and the first one is called off", async () => {
    const opening = mayLeave("opening b.wal");
    const closing = mayLeave("closing the window");
    expect(await opening).toBe(false);
    expect(question().action).toBe("closing the window");
    question().answer("discard");
    expect(await closing).toBe(true);
  });

  test("work of one kind alone is asked about, saved and given up alone", async () => {
    const other = { list: () => ["user/1"], save: vi.fn(async () => true), discard: vi.fn() };
    const deleting = mayLeave("deleting user/1", other);
    expect(question().drafts).toEqual(["user/1"]);
    question().answer("discard");
    expect(await deleting).toBe(true);
    expect(other.discard).toHaveBeenCalledTimes(1);
    expect(discard).not.toHaveBeenCalled();
  });
});

test("the number of drafts follows the work", () => {
  unsavedWorkChanged();
  expect(useGuard.getState().draftCount).toBe(2);
  unsaved = [];
  unsavedWorkChanged();
  expect(useGuard.getState().draftCount).toBe(0);
});
