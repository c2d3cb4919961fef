// One write, and what one tick does with it when no peer is there. Needs: mkdir -p data
// Persisted is not synced: the write is safe in the log, and waits in the outbox until a peer acknowledges it.
import { Client, ClientOptions } from "@softadastra/sdk";

const client = new Client(ClientOptions.persistent("node-sync", "data/sdk-basic-sync.wal"));

const opened = await client.open();
if (opened.isErr()) {
  console.error(`failed to open client: ${opened.error().message}`);
  process.exit(1);
}

const put = await client.put("profile/name", "Ada");
if (put.isErr()) {
  console.error(`failed to store value: ${put.error().message}`);
  await client.close();
  process.exit(1);
}

async function print(when) {
  const state = await client.syncStateInfo();
  if (state.isErr()) {
    console.error(`failed to read sync state: ${state.error().message}`);
    return;
  }
  const { outboxSize, queuedCount, inFlightCount, failedCount } = state.value();
  console.log(
    `${when}: outbox ${outboxSize}, queued ${queuedCount}, in flight ${inFlightCount}, failed ${failedCount}`,
  );
}

await print("before tick");
const tick = await client.tick();
if (tick.isErr()) {
  console.error(`tick failed: ${tick.error().message}`);
} else {
  const { retriedCount, prunedCount, batchSize } = tick.value();
  console.log(`tick: retried ${retriedCount}, pruned ${prunedCount}, batch ${batchSize}`);
}
await print("after tick");

await client.close();
