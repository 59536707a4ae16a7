import fc from "fast-check";

/** Every property draws from the seed of the run; a property that names its own seed keeps it. */
fc.configureGlobal({ seed: Number(process.env["NARTHEX_SEED"] ?? 1) });
