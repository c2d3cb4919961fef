/** A million distinct keys: loading them all, getting one, listing a prefix, and the memory they take. */
import { goalTable, inChild, inDirectory, inTurns, median, ROUNDS, short } from "./compare.mjs";
import { fillAll } from "./stores.mjs";

/** A key, the length of its value, and that. */
const READ_BYTES = 134;
const KEYS = 1_000_000;
const VALUE_BYTES = 100;

async function measure(directory) {
  console.log(`Filling three stores with ${KEYS.toLocaleString("en-US")} keys`);
  const { log, lmdb, sqlite } = await fillAll(directory, { keys: KEYS, valueBytes: VALUE_BYTES });
  const ms = (task, path) => async () => {
    const { ms: taken, size } = await inChild(task, path);
    if (size !== KEYS) throw new Error(`${task} met ${size} keys`);
    return taken;
  };
  console.log("Loading all of them");
  const load = await inTurns({
    ours: ms("recover", log),
    "lmdb getRange": ms("scanLmdb", lmdb),
    "sqlite SELECT *": ms("scanSqlite", sqlite),
  });
  console.log("Getting one");
  const get = await inChild("gets", log, lmdb, String(KEYS), String(VALUE_BYTES), String(READ_BYTES));
  console.log("Listing and memory");
  const lists = [];
  const more = await inTurns({
    "first page": async () => {
      lists.push(await inChild("listing", log));
      return lists.at(-1).firstMs;
    },
    "bytes a key": async () => (await inChild("residentGrowth", log)).bytes / KEYS,
  });
  const medianOf = (name) => median(lists.map((list) => list[name]));
  return {
    load,
    get,
    more,
    later: medianOf("laterMs"),
    order: medianOf("orderMs"),
    entries: medianOf("entriesMs"),
  };
}

export async function bench() {
  const { load, get, more, later, order, entries } = await inDirectory(measure);
  const faster = (what, ours, theirs, unit, goal, floor) => ({
    what,
    ours: `${short(ours)} ${unit}`,
    theirs: `${short(theirs)} ${unit}`,
    value: theirs / ours,
    goal,
    floor,
  });
  const most = (what, value, unit, goal, floor) => ({
    what,
    ours: `${short(value)}${unit}`,
    theirs: "–",
    value,
    unit,
    goal,
    floor,
    isLess: true,
  });
  const ns = (name) => median(get[name]);
  const times = (name) => median(get[name].map((figure, i) => get.lmdb[i] / figure));
  const fasterGet = (what, name, goal, floor) => ({
    ...faster(what, ns(name), ns("lmdb"), "ns", goal, floor),
    value: times(name),
  });
  const { lines, verdict, isMet } = goalTable([
    faster("loading, faster than LMDB getRange", load.ours, load["lmdb getRange"], "ms", 4, 3),
    faster("loading, faster than SQLite SELECT *", load.ours, load["sqlite SELECT *"], "ms", 7, 5),
    fasterGet("get, value in memory, faster than LMDB", "memory", 4, 3),
    fasterGet("get, value read lazily, faster than LMDB", "lazy", 1.5, 1.2),
    most("resident memory a key, beyond the values", more["bytes a key"], " B", 90, 130),
    most("first page of 100 keys of a prefix", more["first page"], " ms", 1, 5),
    most("later pages", later * 1000, " µs", 5, 50),
  ]);
  const notes = [
    `The order of the keys is made when it is first asked for, in ${short(order)} ms; pages are measured with it made.`,
    `A page of 100 entries with their values read from the log takes ${short(entries * 1000)} µs.`,
    `Gets are of keys that nobody asked for before and that were just looked at, in turns of 20,000 with the other stores; ratios are medians of those in one round. Lazily and awaited, with \`get\` in place of \`getSync\`: ${short(ns("awaited"))} ns.`,
    `What bounds a lazy get: one read of ${READ_BYTES} bytes, key and value, at a random place of the file takes ${short(ns("bare"))} ns by itself, ${times("bare").toPrecision(2)}x as fast as the whole get of LMDB, which maps its file into memory. Before it stands one wait for the memory, for the slot of the key. In memory there are two: slot and value.`,
  ];
  return {
    title: "A million keys of 30 bytes, values of 100",
    lines: [...lines, "", ...notes],
    verdict,
    isMet,
    runs: ROUNDS,
  };
}
