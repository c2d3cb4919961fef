/** Opening a log: the time against reading its bytes raw, and the peak memory of the process. */
import { join } from "node:path";
import { goalTable, inChild, inDirectory, inTurns, median, ROUNDS, short } from "./compare.mjs";
import { fillLog } from "./stores.mjs";

const SHAPES = [
  {
    name: "1,000,000 operations on 200,000 keys, 100-byte values",
    shape: { operations: 1_000_000, keys: 200_000, valueBytes: 100 },
    goal: 6,
    floor: 10,
  },
  {
    name: "1 GiB of 1 KiB values on 200,000 keys",
    shape: { operations: 960_000, keys: 200_000, valueBytes: 1_024 },
    goal: 5,
    floor: 8,
    memory: { goal: 80, floor: 120 },
  },
];

async function measure(directory, { name, shape }) {
  console.log(name);
  const path = join(directory, "log.wal");
  const bytes = await fillLog(path, shape);
  const peaks = [];
  // Once, for the page cache.
  await inChild("readRaw", path);
  const medians = await inTurns({
    "raw read": async () => (await inChild("readRaw", path)).ms,
    recovery: async () => {
      const { ms, size, peakBytes } = await inChild("recover", path);
      if (size !== shape.keys) throw new Error(`${size} keys recovered`);
      peaks.push(peakBytes);
      return ms;
    },
  });
  return { bytes, raw: medians["raw read"], recovery: medians.recovery, peakMb: median(peaks) / 1e6 };
}

export async function bench() {
  const rows = [];
  const notes = [];
  for (const entry of SHAPES) {
    const { bytes, raw, recovery, peakMb } = await inDirectory((directory) => measure(directory, entry));
    rows.push({
      what: `${entry.name}: times the raw read`,
      ours: `${short(recovery)} ms`,
      theirs: `${short(raw)} ms`,
      value: recovery / raw,
      goal: entry.goal,
      floor: entry.floor,
      isLess: true,
    });
    if (entry.memory)
      rows.push({
        what: `${entry.name}: peak memory of the process`,
        ours: `${short(peakMb)} MB`,
        theirs: "–",
        value: peakMb,
        unit: " MB",
        isLess: true,
        ...entry.memory,
      });
    notes.push(`${entry.name}: ${bytes.toLocaleString("en-US")} bytes, peak ${short(peakMb)} MB.`);
  }
  const { lines, verdict, isMet } = goalTable(rows);
  return { title: "Recovery", lines: [...lines, "", ...notes], verdict, isMet, runs: ROUNDS };
}
