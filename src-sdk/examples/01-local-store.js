// A store in memory: write, read, look, count. Nothing survives the process.
import { Client, ClientOptions } from "@softadastra/sdk";

const client = new Client(ClientOptions.memoryOnly("node-local"));

const opened = await client.open();
if (opened.isErr()) {
  console.error(`failed to open client: ${opened.error().message}`);
  process.exit(1);
}

for (const [key, value] of [
  ["settings/theme", "dark"],
  ["settings/locale", "en"],
]) {
  const put = await client.put(key, value);
  if (put.isErr()) {
    console.error(`failed to store ${key}: ${put.error().message}`);
    await client.close();
    process.exit(1);
  }
}

const theme = await client.get("settings/theme");
if (theme.isErr()) {
  console.error(`failed to read value: ${theme.error().message}`);
  await client.close();
  process.exit(1);
}

console.log("key : settings/theme");
console.log(`value : ${theme.value().toString()}`);
console.log(`contains settings/locale : ${client.contains("settings/locale") ? "yes" : "no"}`);
console.log(`store size : ${client.size()}`);
for (const entry of client.entries({ prefix: "settings/" })) {
  console.log(`entry : ${entry.key} = ${entry.value.toString()} (version ${entry.version})`);
}

await client.close();
