// Writes a value, deletes it, and reads it again: the read says not_found.
import { Client, ClientOptions } from "@softadastra/sdk";

const client = new Client(ClientOptions.memoryOnly("node-remove"));

const opened = await client.open();
if (opened.isErr()) {
  console.error(`failed to open client: ${opened.error().message}`);
  process.exit(1);
}

const put = await client.put("draft/1", "to be deleted");
if (put.isErr()) {
  console.error(`failed to store value: ${put.error().message}`);
  await client.close();
  process.exit(1);
}
console.log(`stored : draft/1, store size ${client.size()}`);

const removed = await client.remove("draft/1");
if (removed.isErr()) {
  console.error(`failed to remove value: ${removed.error().message}`);
  await client.close();
  process.exit(1);
}
console.log(`removed : draft/1, store size ${client.size()}`);

const value = await client.get("draft/1");
console.log(`read result: ${value.isOk() ? value.value().toString() : value.error().codeString()}`);

await client.close();
