export { randomQuery } from "./promqltest/random-query.ts";
export { runScript } from "./promqltest/run.ts";
export { ScriptError } from "./promqltest/script.ts";
export { scriptEngine } from "./promqltest/script-engine.ts";
