import type { Host } from "@narthex/runtime";
import { runProgram } from "../command-line/run-program.ts";
import { amtool } from "./registry.ts";
import { Session } from "./session.ts";
import { applySettings } from "./settings-file.ts";

/** Runs `narthex amtool …`. Resolves with the exit status. */
export const runAmtool = (host: Host): Promise<number> =>
  runProgram(host, {
    program: "amtool",
    root: amtool,
    compact: true,
    async open(call, table) {
      const settled = await applySettings(host, call, table);
      return { call: settled, context: Session.open(host, settled) };
    },
    close: (session) => session.close(),
  });
