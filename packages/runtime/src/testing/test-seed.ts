/**
 * Returns the seed of a randomised test: `NARTHEX_SEED` if it is set, otherwise `fixed`, so that every run of the tests
 * uses the same inputs. `pnpm explore` sets `NARTHEX_SEED` to try other inputs.
 */
export const testSeed = (fixed = 1): number => Number(process.env["NARTHEX_SEED"] ?? fixed);

/**
 * Returns the number of random inputs that a test tries: `fixed` for the fixed seed, `chosen` if NARTHEX_SEED sets
 * another seed.
 */
export const testCases = (fixed: number, chosen: number): number =>
  process.env["NARTHEX_SEED"] === undefined ? fixed : chosen;
