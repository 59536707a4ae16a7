import type { Host } from "@narthex/runtime";
import { runProgram } from "../command-line/run-program.ts";
import { dashboardCommands } from "./registry.ts";

/** Runs `narthex dashboards check …` or another command for dashboard files. Resolves with the exit status. */
export const runDashboardCommand = (host: Host): Promise<number> =>
  runProgram(host, {
    program: "narthex dashboards",
    root: dashboardCommands,
    open: async (call) => ({ call, context: { host } }),
  });
