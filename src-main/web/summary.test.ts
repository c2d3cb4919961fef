import { join } from "node:path";
import type { HealthReport, SessionState } from "@softadastra/inspector-contract";
import { describe, expect, test } from "vitest";
import { startInspector } from "../inspector/testing.ts";
import { summarize } from "./summary.ts";

const SAMPLES = join(import.meta.dirname, "../../resources/samples");

async function factsOf(name: string): Promise<{ state: SessionState; health: HealthReport }> {
  const inspector = startInspector();
  const state = await inspector.open(join(SAMPLES, `${name}.wal`));
  return { state, health: await inspector.call("health.report", { session: state.session }) };
}

const linesOf = ({ state, health }: { state: SessionState; health: HealthReport }) =>
  summarize(state, health).split("\n");
const lineOf = (lines: readonly string[], label: string) => lines.find((line) => line.trim().startsWith(label));

describe("the summary of a file", () => {
  test.each(["demo", "torn", "damaged", "continued"])("is five lines, each with its label: %s", async (name) => {
    const lines = linesOf(await factsOf(name));
    expect(lines.map((line) => line.slice(0, 13))).toEqual([
      "  records    ",
      "  keys       ",
      "  verdict    ",
      "  set aside  ",
      "  outbox     ",
    ]);
    // Nothing was looked at in vain: every line says something behind its label.
    for (const line of lines) expect(line.slice(13)).toMatch(/^\S.*\S$/);
  });

  test("counts what was recovered", async () => {
    const facts = await factsOf("demo");
    const number = (n: number) => n.toLocaleString("en-US");
    expect(linesOf(facts)).toEqual([
      `  records    ${number(facts.state.recordCount)} recovered`,
      `  keys       ${number(facts.state.liveKeyCount)} live, ${number(facts.state.deletedKeyCount)} deleted`,
      "  verdict    clean",
      "  set aside  0 bytes: the file is open read-only",
      `  outbox     ${number(facts.state.outboxOpenCount)} operations not acknowledged by any peer`,
    ]);
    expect(facts.state.recordCount).toBeGreaterThan(0);
  });

  test("of a torn tail says where it stops and what writing would set aside, which reading does not", async () => {
    const facts = await factsOf("torn");
    const offset = `0x${facts.state.validBytes.toString(16).toUpperCase().padStart(5, "0")}`;
    const lines = linesOf(facts);
    expect(lineOf(lines, "verdict")).toBe(`  verdict    torn tail at offset ${offset} (${facts.health.stop?.code})`);
    expect(lineOf(lines, "set aside")).toBe(
      `  set aside  0 bytes (${facts.state.tailBytes} bytes would be, on writing): the file is open read-only`,
    );
  });

  test("of a damaged file says how many records lie behind the stop, and sets nothing aside", async () => {
    const facts = await factsOf("damaged");
    const lines = linesOf(facts);
    expect(facts.state.unreachableRecordCount).toBeGreaterThan(0);
    expect(lineOf(lines, "records")).toContain(`, ${facts.state.unreachableRecordCount} more behind the stop`);
    expect(lineOf(lines, "verdict")).toMatch(/^ {2}verdict {4}damaged at offset 0x[0-9A-F]{5,} \(.+\)$/);
    expect(lineOf(lines, "set aside")).toBe("  set aside  0 bytes: the file is open read-only");
  });

  test("has large numbers in groups, and one of a thing in the singular", async () => {
    const { state, health } = await factsOf("demo");
    const many = linesOf({ state: { ...state, recordCount: 1_234_567, outboxOpenCount: 1 }, health });
    expect(lineOf(many, "records")).toBe("  records    1,234,567 recovered");
    expect(lineOf(many, "outbox")).toBe("  outbox     1 operation not acknowledged by any peer");
    const torn = { ...state, verdict: "torn-tail" as const, tailBytes: 1 };
    expect(lineOf(linesOf({ state: torn, health }), "set aside")).toContain("(1 byte would be, on writing)");
  });

  test("of a file that was not read to its end gives no verdict but the reason", async () => {
    const { state, health } = await factsOf("demo");
    const stopped = { ...state, verdict: null, indexing: { ...state.indexing, phase: "stopped" as const } };
    expect(lineOf(linesOf({ state: stopped, health }), "verdict")).toBe("  verdict    not read to the end");
    const failed = { ...stopped, indexing: { ...state.indexing, phase: "failed" as const, message: "EIO" } };
    expect(lineOf(linesOf({ state: failed, health }), "verdict")).toBe("  verdict    could not be read: EIO");
  });
});
