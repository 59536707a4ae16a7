import { resolve } from "node:path";
import type { Host } from "@narthex/runtime";
import { runProgram } from "../command-line/run-program.ts";
import { separateRoleArguments } from "./install.ts";
import { SERVICE_MANAGERS, serviceCommands } from "./registry.ts";
import { type System, thisSystem } from "./system.ts";

/** Runs `narthex service install …` and the other service commands. Resolves with the exit status. */
export const runService = (host: Host, system: System = thisSystem(host)): Promise<number> =>
  runProgram(
    { ...host, args: separateRoleArguments(host.args) },
    {
      program: "narthex service",
      root: serviceCommands,
      open: async (call) => {
        const folder = call.values["destdir"];
        const staged =
          typeof folder === "string" && folder !== ""
            ? { ...system, root: resolve(host.cwd, folder), isStaged: true }
            : system;
        return { call, context: { system: staged, managers: SERVICE_MANAGERS } };
      },
    },
  );
