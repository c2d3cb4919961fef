import { describe, expect, test } from "vitest";
import { fileFromArguments } from "./launch-arguments.ts";

const CWD = "/home/ada";
const packaged = (...argv: string[]) => fileFromArguments(["/opt/inspector", ...argv], CWD, true);
const development = (...argv: string[]) => fileFromArguments(["/usr/bin/electron", ...argv], CWD, false);

describe("the file of a launch", () => {
  test("is the first argument of a packaged app, and the second in development, where the app's directory comes first", () => {
    expect(packaged("/data/a.wal")).toBe("/data/a.wal");
    expect(development(".", "/data/a.wal")).toBe("/data/a.wal");
    expect(development(".")).toBeNull();
  });

  test("is taken from where the launch happened", () => {
    expect(packaged("a.wal")).toBe("/home/ada/a.wal");
    expect(packaged("../b/a.wal")).toBe("/home/b/a.wal");
    expect(packaged("--file=a.wal")).toBe("/home/ada/a.wal");
  });

  test("is found among switches, wherever the second instance's were put", () => {
    expect(packaged("--no-sandbox", "--inspect=5858", "a.wal")).toBe("/home/ada/a.wal");
    expect(packaged("a.wal", "--allow-file-access-from-files")).toBe("/home/ada/a.wal");
    expect(development("--inspect", ".", "--no-sandbox", "a.wal")).toBe("/home/ada/a.wal");
  });

  test("named by --file goes before any other", () => {
    expect(packaged("other.wal", "--file=/data/a.wal")).toBe("/data/a.wal");
    expect(development(".", "--file=/data/with = and space.wal")).toBe("/data/with = and space.wal");
  });

  test("is none when there is none", () => {
    expect(packaged()).toBeNull();
    expect(packaged("")).toBeNull();
    expect(packaged("--file=")).toBeNull();
    expect(packaged("-v", "--flag")).toBeNull();
    expect(fileFromArguments([], CWD, true)).toBeNull();
    expect(fileFromArguments([], CWD, false)).toBeNull();
  });
});
