/** The seed of a randomised test: `NARTHEX_SEED` where it is set, else one that belongs to the committed tree. */
export const chosenSeed = (): number => Number(process.env["NARTHEX_SEED"] ?? process.env["NARTHEX_TREE_SEED"] ?? 1);
