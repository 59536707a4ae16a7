import { CommandError, defineCommand } from "../command-line/command.ts";
import { lastError, readinessOf } from "./readiness.ts";
import { RoleArguments } from "./role-arguments.ts";
import type { ServiceRole } from "./roles.ts";
import { allRoles, managerOf, rolesNamed, type ServiceContext } from "./service-context.ts";
import type { ServiceState } from "./service-manager.ts";
import type { System } from "./system.ts";

/** Exit status if one of the requested services does not run, as in systemctl. */
const NOT_RUNNING = 3;

export const status = defineCommand<ServiceContext>({
  name: "status",
  help: "Show which roles are installed, running and ready, and the last error of their logs. The exit status is 0 if all requested roles run, otherwise 3. With all, only installed roles count.",
  operands: "[<role>...]",
  async run({ operands }, context) {
    const { system } = context;
    const manager = managerOf(context);
    const absence = manager.absence(system);
    if (absence !== undefined) throw new CommandError(absence);
    const isAll = operands.length === 0 || operands.includes("all");
    let running = 0;
    let stopped = 0;
    for (const role of rolesNamed(operands.length === 0 ? ["all"] : operands, allRoles(manager, system))) {
      const state = await manager.state(role, system);
      const { isUp, lines } = await describe(role, state, system);
      system.host.stdout(`${lines.join("\n")}\n`);
      if (isUp) running++;
      else if (state.isInstalled || !isAll) stopped++;
    }
    return running > 0 && stopped === 0 ? 0 : NOT_RUNNING;
  },
});

/** Describes a server's state in lines. The first line is the summary. */
async function describe(
  role: ServiceRole,
  state: ServiceState,
  system: System,
): Promise<{ readonly isUp: boolean; readonly lines: readonly string[] }> {
  const head = state.name === role.role ? role.role : `${role.role} (${state.name})`;
  if (!state.isInstalled) return { isUp: false, lines: [`${head}: not installed`] };
  const enabled = state.isEnabled ? "starts with the host" : "does not start with the host";
  const since = state.since === "" ? "" : ` since ${state.since}`;
  const pid = state.pid === undefined ? "" : `, pid ${state.pid}`;
  const lines = [`${head}: ${state.activity}${since}${pid}; ${enabled}`];
  if (state.unreadable !== undefined)
    lines.push(`  readiness is unknown, because this user cannot read ${state.unreadable}; run the command with sudo`);
  else if (state.activity === "running") {
    const own = new RoleArguments(state.args);
    const readiness = await readinessOf(role.address(own), own, system);
    lines.push(`  ${readiness.words}`);
  }
  const error = lastError(state.lines);
  if (error !== undefined) lines.push(`  last error: ${error}`);
  return { isUp: state.activity === "running", lines };
}
