import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { invariant, systemClock } from "@narthex/runtime";
import { PluginError } from "../plugin-error.ts";
import { EngineCall } from "./engine-call.ts";
import { isDeeper } from "./json-depth.ts";
import { LIMITS } from "./limits.ts";
import type { FromThread, PluginFunction, ThreadSettings, ToThread } from "./messages.ts";
import { readPluginFrames } from "./read-frames.ts";

/** Program of the thread of a plugin. The plugin itself runs in engines, and cannot reach this program. */
const port = parentPort;
invariant(port !== null, "the program of a plugin's thread runs only in a thread");
const { engine, file, code } = workerData as ThreadSettings;
const wasm = new WebAssembly.Module(readFileSync(engine));
const calls = new Map<number, EngineCall>();
const send = (message: FromThread): void => port.postMessage(message);

async function start({ id, name, args, settings }: Extract<ToThread, { kind: "call" }>): Promise<void> {
  const call = new EngineCall({
    wasm,
    clock: systemClock,
    file,
    code,
    request: (request, text) => send({ kind: "request", id, request, text }),
    log: (text) => send({ kind: "log", id, text }),
    done: (result) => {
      calls.delete(id);
      send(messageOf(id, name, result));
    },
  });
  calls.set(id, call);
  try {
    await call.start(name, args, settings);
  } catch (error) {
    calls.delete(id);
    send({ kind: "failure", id, message: (error as Error).message });
  }
}

function messageOf(id: number, name: PluginFunction, result: string | PluginError): FromThread {
  try {
    if (typeof result !== "string") throw result;
    if (isDeeper(result, LIMITS.depth))
      throw new PluginError(`${name} returned objects and lists that are nested more than ${LIMITS.depth} deep`);
    if (name === "query") return { kind: "frames", id, frames: readPluginFrames(JSON.parse(result)) };
    if (result.length > LIMITS.valueCharacters)
      throw new PluginError(`${name} returned more than ${LIMITS.valueCharacters} characters; return less`);
    return { kind: "value", id, value: JSON.parse(result) as unknown };
  } catch (error) {
    if (error instanceof PluginError) return { kind: "failure", id, message: error.message };
    return { kind: "failure", id, message: `${name} returned something other than JSON` };
  }
}

port.on("message", (message: ToThread) => {
  const call = calls.get(message.id);
  switch (message.kind) {
    case "call":
      void start(message);
      break;
    case "response":
      call?.respond(message.request, message.text);
      break;
    case "refusal":
      call?.refuse(message.request, message.message);
      break;
    case "cancel":
      call?.cancel();
      calls.delete(message.id);
      send({ kind: "cancelled", id: message.id });
      break;
  }
});
