/** The seed of this run's random tests, printed; SOFTADASTRA_SEED repeats a run. */
import type { Parameters } from "fast-check";

const asked: unknown = import.meta.env.SOFTADASTRA_SEED;
const seed = Number(asked ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}`);

export const seeded = { seed } satisfies Parameters;
