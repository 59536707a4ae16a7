import fc from "fast-check";

/** Every property of this file draws from the tree's seed; one that names its own keeps it. */
const seed = process.env["NARTHEX_SEED"] ?? process.env["NARTHEX_TREE_SEED"];
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
