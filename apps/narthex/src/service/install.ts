import { docsFolder, ensureDocsSite, ensureUiBundle, uiFolder } from "@narthex/http";
import { createLogger, flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { definitionOf } from "./definition.ts";
import { relativeProblem } from "./file-access.ts";
import { placeProblems } from "./launcher.ts";
import { lastError, readinessOf } from "./readiness.ts";
import type { RoleArguments } from "./role-arguments.ts";
import { roleNamed, type ServiceRole } from "./roles.ts";
import { managerOf, rolesNamed, type ServiceContext } from "./service-context.ts";
import type { ServiceDefinition, ServiceManager } from "./service-manager.ts";
import { shellCommand } from "./shell-words.ts";
import { perform, printed } from "./steps.ts";
import type { System } from "./system.ts";

const flags = {
  print: flagKinds.flag(false, "Show the files and what would be done, and change nothing."),
  user: flagKinds.text("", "User of the role, created if missing. Default: the current user, or a separate one."),
  "change-data-folder": flagKinds.flag(
    false,
    "Let an installed role start with another, empty data folder, if its new flags no longer name the current one.",
  ),
  destdir: flagKinds.text("", "Write the files below this folder, for example for a package, and start nothing."),
};

/**
 * Longest time in ms to wait until a server is ready. A server that must read much data continues to start after this
 * time.
 */
const START_LIMIT_MS = 30_000;
const POLL_MS = 250;
/**
 * A service counts as failed after this number of consecutive polls with a failure. A single failure is not enough,
 * because the init system restarts the service.
 */
const FAILED_LOOKS = 3;
/** A service counts as started when the same process was ready in this number of consecutive polls. */
const STEADY_LOOKS = 4;

/** Inserts `--` before the arguments of the server, so that `narthex service install` does not parse them. */
export function separateRoleArguments(args: readonly string[]): readonly string[] {
  const command = args.indexOf("install");
  if (command !== 0) return args;
  for (let i = command + 1; i < args.length; i++) {
    const word = args[i]!;
    if (word === "--") return args;
    if (!word.startsWith("-")) return [...args.slice(0, i), "--", ...args.slice(i)];
    const flag = Object.entries(flags).find(([name]) => word === `--${name}`)?.[1];
    if (flag !== undefined && !flag.boolean) i++;
  }
  return args;
}

export const install = defineCommand<ServiceContext, typeof flags>({
  name: "install",
  help: "Install roles as services and start them, now and at every start of the host. Flags of this command come before a role, flags of the role after it. Existing configuration, data and users are kept, and so are the role's flags if no new ones are given. Run it again after an update.",
  operands: "<role>... [<flags of the role>...]",
  flags,
  async run({ values, operands }, context) {
    const { system } = context;
    const { host } = system;
    const manager = managerOf(context);
    const { roles, given } = rolesAndArguments(operands);
    const definitions: ServiceDefinition[] = [];
    for (const role of roles) {
      const answer = await definitionOf(role, {
        given,
        user: values.user,
        mayChangeData: values["change-data-folder"],
        manager,
        system,
      });
      if ("text" in answer) {
        if (answer.kind === "help") host.stdout(answer.text);
        else host.stderr(answer.text);
        return answer.kind === "help" ? 0 : 1;
      }
      definitions.push(answer);
    }
    if (!values.print) await refuseWithoutRights(manager, system, definitions[0]!);
    await reportProblems(definitions, { manager, system, isLenient: values.print || system.isStaged });
    const steps = await manager.install(definitions, system);
    if (values.print) {
      for (const step of steps) host.stdout(printed(step));
      return 0;
    }
    if (!system.isStaged) await buildPages(roles, system);
    for (const step of steps) await perform(step, system);
    if (system.isStaged) return 0;
    return startedAll(definitions, manager, system);
  },
});

/**
 * Returns the services in the operands. If only one service is named, also returns its arguments. Throws CommandError.
 */
function rolesAndArguments(operands: readonly string[]): {
  readonly roles: readonly ServiceRole[];
  readonly given: readonly string[];
} {
  const isName = (word: string): boolean => word === "all" || roleNamed(word) !== undefined;
  const end = operands.findIndex((word) => !isName(word));
  const names = end === -1 ? operands : operands.slice(0, end);
  const given = end === -1 ? [] : operands.slice(end);
  if (names.length === 0 && given.length > 0 && !given[0]!.startsWith("-")) rolesNamed(given.slice(0, 1));
  if (names.length === 0)
    throw new CommandError(
      "name the roles: server, alertmanager, pushgateway, node-exporter, dashboards, cadvisor, or all",
    );
  const roles = rolesNamed(names);
  if (roles.length > 1 && given.length > 0)
    throw new CommandError(`${given[0]!} cannot apply to ${roles.length} roles; install roles with flags one by one`);
  return { roles, given };
}

async function refuseWithoutRights(
  manager: ServiceManager,
  system: System,
  { launcher }: ServiceDefinition,
): Promise<void> {
  const absence = manager.absence(system);
  if (absence !== undefined) throw new CommandError(absence);
  const missing = await manager.missingRight(system);
  if (missing === undefined) return;
  const command = shellCommand([...missing.sudo, ...launcher.words, "service", ...system.host.args]);
  throw new CommandError(`${missing.right}; run: ${command}`);
}

interface ProblemOptions {
  readonly manager: ServiceManager;
  readonly system: System;
  /** Whether problems are only printed instead of thrown, because nothing will be started. */
  readonly isLenient: boolean;
}

/** Checks all services before anything is changed. Throws CommandError with all problems. */
async function reportProblems(definitions: readonly ServiceDefinition[], options: ProblemOptions): Promise<void> {
  const { manager, system, isLenient } = options;
  const fatal: string[] = [];
  const mild: string[] = [];
  for (const { isFatal, sentence } of placeProblems(definitions[0]!.launcher)) (isFatal ? fatal : mild).push(sentence);
  for (const definition of definitions) {
    const relative = relativeProblems(definition, system);
    fatal.push(...(relative.length > 0 ? relative : await manager.problems(definition, system)));
  }
  for (const sentence of isLenient ? [...fatal, ...mild] : mild)
    system.host.stderr(`narthex service: warning: ${sentence}\n`);
  if (!isLenient && fatal.length > 0) throw new CommandError(`nothing was changed:\n  ${fatal.join("\n  ")}`);
}

function relativeProblems({ role, args, folders }: ServiceDefinition, system: System): readonly string[] {
  const read = role.reads.flatMap((flag) => args.values(flag).map((path) => ({ flag: `--${flag}`, path })));
  return [...read, ...role.writes(args, folders)]
    .filter(({ path }) => path !== "")
    .map(({ flag, path }) => relativeProblem(flag, path, system))
    .filter((sentence) => sentence !== undefined);
}

/** In a source checkout, builds the web pages now, because the users of the services cannot write to the checkout. */
async function buildPages(roles: readonly ServiceRole[], { host }: System): Promise<void> {
  if (roles.every(({ role }) => role === "node-exporter" || role === "cadvisor")) return;
  const { clock, stopping: signal } = host;
  const logger = createLogger({ level: "info", format: "logfmt", clock, write: (line) => host.stderr(line) });
  const from = new URL(import.meta.url.endsWith(".ts") ? "../main.ts" : "", import.meta.url).href;
  await ensureUiBundle(uiFolder(host, from), { clock, logger, signal });
  await ensureDocsSite(docsFolder(host), { clock, logger, signal });
}

async function startedAll(
  definitions: readonly ServiceDefinition[],
  manager: ServiceManager,
  system: System,
): Promise<number> {
  let status = 0;
  for (const { role, args } of definitions) {
    const outcome = await started(role, args, manager, system);
    if (!outcome.isGood) status = 1;
    const line = `${role.name} ${outcome.words}\n`;
    if (outcome.isGood) system.host.stdout(line);
    else system.host.stderr(line);
  }
  return status;
}

/** Waits until a service has started or has failed to start. */
async function started(
  role: ServiceRole,
  args: RoleArguments,
  manager: ServiceManager,
  system: System,
): Promise<{ readonly isGood: boolean; readonly words: string }> {
  const { clock, stopping } = system.host;
  const end = clock.monotonic() + START_LIMIT_MS;
  let looks: (number | undefined)[] = [];
  const pids = new Set<number | undefined>();
  for (let failures = 0; ;) {
    const state = await manager.state(role, system);
    const readiness = await readinessOf(role.address(args), args, system);
    // Count a poll only if the process is the same as before. While the service keeps restarting, another program may
    // answer on its port.
    if (state.activity === "running") pids.add(state.pid);
    looks = state.activity === "running" && readiness.isUp ? [...looks, state.pid] : [];
    const steady = looks.slice(-STEADY_LOOKS);
    if (steady.length === STEADY_LOOKS && steady.every((pid) => pid === state.pid))
      return { isGood: true, words: `runs, and starts with the host: ${readiness.words}` };
    failures = state.activity === "running" ? 0 : failures + 1;
    if (failures >= FAILED_LOOKS && state.activity !== "starting") {
      const error = lastError(state.lines);
      const words = error === undefined ? "" : `; its last error: ${error}`;
      return { isGood: false, words: `does not run${words}; see: narthex service logs ${role.role}` };
    }
    if (clock.monotonic() > end) {
      const isRunning = state.activity === "running";
      if (isRunning && pids.size > 1)
        return {
          isGood: false,
          words: `ends and is restarted again and again; see: narthex service logs ${role.role}`,
        };
      return {
        isGood: isRunning,
        words: `${isRunning ? "runs, but is not ready yet" : "does not run"}; see: narthex service status ${role.role}`,
      };
    }
    await clock.sleep(POLL_MS, stopping);
  }
}
