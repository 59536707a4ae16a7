export { almostEqual, compareResult, type ScriptPoint, type ScriptValue } from "./promqltest/compare.ts";
export { runLoad } from "./promqltest/load.ts";
export {
  runScript,
  type ScriptEngine,
  type ScriptFailure,
  type ScriptOutcome,
  type ScriptReport,
} from "./promqltest/run.ts";
export { type Command, type EvalCommand, type LoadCommand, parseScript, ScriptError } from "./promqltest/script.ts";
export { scriptEngine } from "./promqltest/script-engine.ts";
export { ScriptStorage } from "./promqltest/storage.ts";
