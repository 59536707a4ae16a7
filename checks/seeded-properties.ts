import fc from "fast-check";

/** Every property uses the seed of the run; a property with its own seed keeps it. */
fc.configureGlobal({ seed: Number(process.env["NARTHEX_SEED"] ?? 1) });
