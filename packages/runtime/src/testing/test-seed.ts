/**
 * Returns the seed of a randomised test: `NARTHEX_SEED` if it is set, otherwise `fixed`, so that every run of the tests tries
 * the same inputs. `pnpm explore` sets `NARTHEX_SEED` to try others.
 */
export const testSeed = (fixed = 1): number => Number(process.env["NARTHEX_SEED"] ?? fixed);
