import fc from "fast-check";

/** Sets the default seed of all property tests; a property with an explicit seed keeps it. */
fc.configureGlobal({ seed: Number(process.env["NARTHEX_SEED"] ?? 1) });
