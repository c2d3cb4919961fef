import { describe, expect, test } from "vitest";
import { readArguments } from "./arguments.ts";

describe("the command line of the browser host", () => {
  test("may name nothing: then any free port is taken and no browser is started", () => {
    expect(readArguments([])).toEqual({ file: null, port: 0, opensBrowser: false, dataDirectory: null });
  });

  test("names a file, a port, a place for settings, and whether to start a browser, in any order", () => {
    const wanted = { file: "a.wal", port: 8080, opensBrowser: true, dataDirectory: "/data" };
    expect(readArguments(["a.wal", "--port", "8080", "--open", "--data-directory", "/data"])).toEqual(wanted);
    expect(readArguments(["--data-directory=/data", "--open", "--port=8080", "a.wal"])).toEqual(wanted);
  });

  test("may name a file that looks like a switch, behind two dashes", () => {
    expect(readArguments(["--", "--port"]).file).toBe("--port");
  });

  test("takes every port there is", () => {
    for (const port of [0, 1, 80, 65_535]) expect(readArguments(["--port", String(port)]).port).toBe(port);
  });

  test("is refused with a sentence when the port is none", () => {
    for (const port of ["65536", "-1", "1.5", "x", "", " ", "0x50", "1e3", "Infinity", "80 81", "９"]) {
      expect(() => readArguments([`--port=${port}`]), `--port=${port}`).toThrow(
        `--port must be a number from 0 (any free port) to 65535, not ${port}`,
      );
    }
  });

  test("is refused when it names two files, an unknown switch, or a switch without its value", () => {
    expect(() => readArguments(["a.wal", "b.wal"])).toThrow("one file at a time, please: a.wal, b.wal");
    expect(() => readArguments(["--host", "0.0.0.0"])).toThrow("--host");
    expect(() => readArguments(["--port"])).toThrow("--port");
    expect(() => readArguments(["--open=yes"])).toThrow("--open");
  });
});
