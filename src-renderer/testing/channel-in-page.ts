/** Runs the channel suite in the page of either host, over new connections of the page's own kind. */
import { channelSuite } from "@softadastra/inspector-contract";
import { connectToHost, takeToken } from "../lib/host.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export async function run(): Promise<{ name: string; error: string | null }[]> {
  const token = takeToken();
  const results = [];
  for (const step of channelSuite) {
    const setup = { connect: connectToHost, wait, ...(token === undefined ? {} : { token }) };
    const error = await step.run(setup).then(
      () => null,
      (thrown: unknown) => String(thrown),
    );
    results.push({ name: step.name, error });
  }
  return results;
}
