// Makes the sample logs in resources/samples, or in the folder given: the same bytes on every run.
// `npm run samples [-- <folder>]`, after `npm run build -w @softadastra/sdk`.
import fs from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";
import { EventHub } from "../src-sdk/dist/events.js";
import { OpenNode } from "../src-sdk/dist/open-node.js";
import { ClientOptions, readOptions } from "../src-sdk/dist/options.js";
import { nodeFileSystem } from "../src-sdk/dist/platform/node-file-system.js";

const SAMPLES = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "../resources/samples");
const PUT = 1;
const DELETE = 2;
const START_MS = Date.UTC(2026, 10, 18, 7, 42, 10, 118);

/** A small generator with a seed: samples must not change from run to run. */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

class FixedClock {
  nowMs = START_MS;
  now() {
    return this.nowMs;
  }
  schedule() {
    return () => {};
  }
}

/** An avatar: a five by five pattern, mirrored, as a PNG of stored blocks, which every zlib writes alike. */
function avatar(random) {
  const cells = 5;
  const cell = 4;
  const size = cells * cell;
  const color = [60 + random() * 150, 60 + random() * 150, 60 + random() * 150].map(Math.floor);
  const isOn = Array.from({ length: cells }, () => Array.from({ length: 3 }, () => random() < 0.5));
  const rows = [];
  for (let y = 0; y < size; y += 1) {
    const row = [0];
    for (let x = 0; x < size; x += 1) {
      const column = Math.floor(x / cell);
      row.push(...(isOn[Math.floor(y / cell)][column < 3 ? column : 4 - column] ? color : [244, 245, 247]));
    }
    rows.push(...row);
  }
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length, 0);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.from(rows), { level: 0 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const NAMES = [
  "Ada Okafor",
  "Lin Wei",
  "Noor Haddad",
  "Mateo Ruiz",
  "Ines Duarte",
  "Kofi Mensah",
  "Yuki Tanaka",
  "Sena Demir",
];
const SUBJECTS = ["the west pump", "valve 3", "the north gate", "sensor 14", "the spare hose", "the tank level"];
const STATES = ["is back on", "was checked", "needs a new seal", "is down again", "holds pressure"];

/** Opens a log, hands out short verbs, and closes it. */
async function write(name, work) {
  const path = join(SAMPLES, `${name}.wal`);
  fs.rmSync(path, { force: true });
  const clock = new FixedClock();
  const options = readOptions(ClientOptions.persistent(name, path));
  const node = await OpenNode.open(options, { fileSystem: nodeFileSystem, clock }, new EventHub());
  const bytes = (value) => (typeof value === "string" ? Buffer.from(value) : value);
  await work({
    clock,
    wait: (ms) => {
      clock.nowMs += ms;
    },
    put: (key, value) => node.write(PUT, bytes(key), bytes(value), clock.nowMs),
    remove: (key) => node.write(DELETE, bytes(key), Buffer.alloc(0), clock.nowMs),
    /** Everything but the newest `open` operations was acknowledged by a peer. */
    acknowledgeAllBut: async (open) => {
      while (node.outbox.size - node.outbox.count("acknowledged") > open) {
        const [slot] = node.outbox.slots(["pending", "queued"]);
        clock.nowMs += 40;
        await node.acknowledge(node.syncId(slot), "desk-02", clock.nowMs);
      }
    },
  });
  await node.close();
  return path;
}

async function demo() {
  const random = seeded(21);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const profile = (id, seats) =>
    JSON.stringify(
      {
        name: NAMES[id % NAMES.length],
        email: `unit${id}@example.org`,
        plan: seats > 8 ? "team" : "pro",
        seats,
        ledgerId: "LEDGER",
        flags: { beta: id % 3 === 0, quota: null },
        pins: [id, id * 3, 204],
      },
      null,
      2,
    ).replace('"LEDGER"', String(9_223_372_036_854_775_807n - BigInt(id)));
  await write("demo", async ({ put, remove, wait, acknowledgeAllBut }) => {
    const live = new Set();
    const store = async (key, value) => {
      wait(900 + Math.floor(random() * 200_000));
      await put(key, value);
      live.add(key);
      // A peer is there now and then, and acknowledges what has gathered.
      if (random() < 0.2) await acknowledgeAllBut(Math.floor(random() * 9));
    };
    const drop = async (key) => {
      wait(400 + Math.floor(random() * 9_000));
      await remove(key);
      live.delete(key);
    };
    await store("settings/theme", "light");
    await store("settings/locale", "en-GB");
    await store("settings/editor.font", "DejaVu Sans 14");
    await store("settings/sync/intervalMs", "5000");
    for (const [side, value] of [
      ["width", "1440"],
      ["height", "900"],
      ["x", "0"],
      ["y", "24"],
      ["isMaximized", "false"],
    ]) {
      await store(`settings/window/${side}`, value);
    }
    for (let id = 1; id <= 64; id += 1)
      await store(`index/${String(id).padStart(4, "0")}`, JSON.stringify({ next: id + 1 }));
    for (let id = 1; id <= 72; id += 1) {
      await store(`user/${id}/profile`, profile(id, 1 + (id % 14)));
      await store(`user/${id}/email`, `unit${id}@example.org`);
      if (id % 2 === 0) await store(`user/${id}/tags`, JSON.stringify(["north", id % 4 ? "trial" : "field"]));
      if (id % 3 === 0)
        await store(
          `user/${id}/quota`,
          Buffer.from([0x82, 0xa4, 0x75, 0x73, 0x65, 0x64, id, 0xa5, 0x6c, 0x69, 0x6d, 0x69, 0x74, 0x7f]),
        );
      if (id % 2) await store(`user/${id}/token`, `tok_${Math.floor(random() * 1e9).toString(36)}`);
    }
    for (let id = 1; id <= 30; id += 1) await store(`blob/avatar/${id}`, avatar(random));
    await store(
      "blob/manifest",
      Buffer.from([
        0xa2, 0x65, 0x63, 0x6f, 0x75, 0x6e, 0x74, 0x18, 0x1e, 0x64, 0x6b, 0x69, 0x6e, 0x64, 0x63, 0x70, 0x6e, 0x67,
      ]),
    );
    await store(
      Buffer.concat([Buffer.from("blob/avatar/"), Buffer.from([0x00, 0x07, 0xff])]),
      Buffer.from(Array.from({ length: 212 }, (_, i) => (i * 37) & 255)),
    );
    for (let id = 1; id <= 9; id += 1) await store(`draft/${id}`, `Dear all,\n\n${pick(SUBJECTS)} ${pick(STATES)}.\n`);
    for (let i = 0; i < 420; i += 1) {
      const id = 1 + Math.floor(random() * 72);
      const kind = random();
      if (kind < 0.32) await store(`user/${id}/profile`, profile(id, 1 + Math.floor(random() * 14)));
      else if (kind < 0.5) await store(`draft/${1 + (id % 9)}`, `Dear all,\n\n${pick(SUBJECTS)} ${pick(STATES)}.\n`);
      else if (kind < 0.6) await store("settings/theme", pick(["dark", "light", "system"]));
      else if (kind < 0.9) await store(`telemetry/${1000 + (i % 90)}`, (random() * 100).toFixed(3));
      else await store(`user/${id}/email`, `unit${id}@field.example.org`);
    }
    for (let id = 1; id <= 71; id += 2)
      if (live.has(`user/${id}/token`) && id % 3 !== 1) await drop(`user/${id}/token`);
    for (const key of ["draft/3", "draft/7", "settings/window/isMaximized", "telemetry/1017", "telemetry/1018"])
      await drop(key);
    // A working day without a peer: twelve operations wait.
    await acknowledgeAllBut(0);
    for (const [key, value] of [
      ["user/7/profile", profile(7, 4)],
      ["draft/2", "Dear all,\n\norder 40 m of hose.\n"],
      ["telemetry/1041", "71.204"],
      ["user/19/email", "unit19@field.example.org"],
      ["settings/theme", "dark"],
      ["draft/9", null],
      ["telemetry/1042", "70.981"],
      ["index/0041", '{"next":42}'],
      ["settings/locale", "en-GB"],
      ["user/42/profile", profile(42, 12)],
      ["user/42/token", null],
      ["draft/1", "Dear all,\n\nthe west pump is back on.\n"],
    ]) {
      wait(2_000 + Math.floor(random() * 90_000));
      await (value === null ? remove(key) : put(key, value));
    }
  });
}

const NOTES = [
  ["notes/today", "Check valve 3, then call the north gate."],
  ["notes/hose", "Order 40 m of hose."],
  ["settings/theme", "dark"],
  ["user/42/profile", '{"name":"Ada","plan":"pro","seats":12}'],
  ["user/42/email", "ada@example.org"],
];

/** A log of a small application, with some history. */
async function fieldNotes(name, records) {
  const random = seeded(7);
  return write(name, async ({ put, remove, wait }) => {
    for (let i = 0; i < records; i += 1) {
      wait(1_000 + Math.floor(random() * 60_000));
      const [key, value] = NOTES[i % NOTES.length];
      if (i % 11 === 10) await remove(key);
      else await put(key, i < NOTES.length ? value : `${value} (${i})`);
    }
  });
}

/** Whole records with their offsets, by the lengths in their headers. */
function recordsOf(bytes) {
  const offsets = [];
  for (let at = 0; at < bytes.length; at += 34 + bytes.readUInt32LE(at + 26)) offsets.push(at);
  return offsets;
}

async function torn() {
  const path = await fieldNotes("torn", 41);
  const bytes = fs.readFileSync(path);
  const last = recordsOf(bytes).at(-1);
  // The process died while the last record was on its way to the disk.
  fs.writeFileSync(path, bytes.subarray(0, last + 39));
}

async function damaged() {
  const path = await fieldNotes("damaged", 48);
  const bytes = fs.readFileSync(path);
  const at = recordsOf(bytes)[40];
  // One byte of the value of record 41 changed after it was written.
  bytes[at + 30 + 28] ^= 0x40;
  fs.writeFileSync(path, bytes);
}

async function continued() {
  const path = await fieldNotes("continued", 32);
  const bytes = fs.readFileSync(path);
  const offsets = recordsOf(bytes);
  const torn = bytes.subarray(offsets[28], offsets[28] + 17);
  // A writer without repair opened the torn file, took up the sequence where it could still read, and appended.
  const behind = bytes.subarray(offsets[28]);
  fs.writeFileSync(path, Buffer.concat([bytes.subarray(0, offsets[28]), torn, behind]));
}

fs.mkdirSync(SAMPLES, { recursive: true });
for (const make of [demo, torn, damaged, continued]) await make();
for (const name of fs.readdirSync(SAMPLES).sort())
  console.log(`${name}  ${fs.statSync(join(SAMPLES, name)).size} bytes`);
