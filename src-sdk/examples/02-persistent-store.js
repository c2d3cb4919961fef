// A store that survives restarts: each accepted write is in the log before its promise resolves. Needs: mkdir -p data
import { Client, ClientOptions } from "@softadastra/sdk";

const options = ClientOptions.persistent("node-persistent", "data/sdk-persistent-store.wal");

const client = new Client(options);

const opened = await client.open();
if (opened.isErr()) {
  console.error(`failed to open client: ${opened.error().message}`);
  process.exit(1);
}

const put = await client.put("settings/theme", "dark");
if (put.isErr()) {
  console.error(`failed to store value: ${put.error().message}`);
  await client.close();
  process.exit(1);
}

const value = await client.get("settings/theme");
if (value.isErr()) {
  console.error(`failed to read value: ${value.error().message}`);
  await client.close();
  process.exit(1);
}

const sync = await client.syncStateInfo();

console.log("key : settings/theme");
console.log(`value : ${value.value().toString()}`);
console.log(`wal path : ${options.walPath}`);
console.log(`store size : ${client.size()}`);
if (sync.isOk()) console.log(`outbox size : ${sync.value().outboxSize}`);

await client.close();
