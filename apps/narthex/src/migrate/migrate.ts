import { relative, resolve } from "node:path";
import { type FlagValues, helpText, type Host, parseFlags } from "@narthex/runtime";
import { CommandError } from "../command-line/command.ts";
import { ownIds } from "../init/trusted-path.ts";
import { writeFiles } from "../init/write-files.ts";
import { rolesNamed } from "../service/service-context.ts";
import { SERVICE_ROLES } from "../service/roles.ts";
import { type System, thisSystem } from "../service/system.ts";
import { versionLine } from "../version-line.ts";
import { ComposeProject, composeFilesIn, namedComposeFiles } from "./compose/compose-project.ts";
import { planCompose } from "./compose/plan-compose.ts";
import { flags } from "./flags.ts";
import { blocks } from "./note.ts";
import { type Plan, planMachine, planOf, type Way } from "./plan.ts";
import type { PlanTerms } from "./role-plan.ts";
import { EXIT, jsonReport, textReport, worstOf } from "./report.ts";
import { withoutPasswords } from "./secrets.ts";
import { allOf, type Findings, type FoundOriginal } from "./source/found-original.ts";
import { type OriginalProcess, originalProcesses } from "./source/processes.ts";
import { findUnits, namedUnit } from "./source/units.ts";

type Values = FlagValues<typeof flags>;

const ABOUT =
  "Reads a Prometheus stack from its running programs, its systemd units or its compose file, and plans its replacement by Narthex: the arguments of each role, the differences, and what happens to the data. Nothing is changed; --apply writes the files of the plan, with scripts that switch over and go back. Without a --from flag: what runs here, and what units start.\n\nExit status: 0 everything maps, 1 something differs, 2 something stands in the way, 3 a mistake in the command line or in a file that is read. With --apply: 0 where everything is written.";

/** Runs `narthex migrate`. Resolves with the exit status. */
export async function runMigrate(host: Host, system: System = thisSystem(host)): Promise<number> {
  const outcome = parseFlags(flags, host.args);
  if (outcome.kind === "help" || outcome.kind === "version") {
    host.stdout(outcome.kind === "version" ? versionLine() : helpText("narthex migrate", ABOUT, flags));
    return EXIT.maps;
  }
  try {
    if (outcome.kind === "error") {
      const suggestion = outcome.suggestion === undefined ? "" : `\n${outcome.suggestion}`;
      throw new CommandError(`${outcome.message}, try --help${suggestion}`);
    }
    return await migrate(outcome.flags.values, system);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    host.stderr(`narthex migrate: error: ${withoutPasswords(error.message)}\n`);
    return EXIT.usage;
  }
}

async function migrate(values: Values, system: System): Promise<number> {
  const { host } = system;
  const roles = values.role.length === 0 ? SERVICE_ROLES : rolesNamed(values.role, SERVICE_ROLES);
  const folder = resolve(host.cwd, values["output-dir"]);
  const database = values["grafana-database"];
  const terms = { folder, grafanaDatabase: database === "" ? "" : resolve(host.cwd, database) };
  const choose = (name: string): boolean => roles.some(({ role }) => role === name);
  const { originals, leftOut } = findOriginals(values, system);
  const machine = await planMachine(
    originals.filter(({ original }) => choose(original.role)),
    terms,
    system,
  );
  const ways = [...machine, ...(await composeWays(values, { ...terms, choose }, system))];
  if (ways.length === 0) throw new CommandError(nothingFound(values, leftOut));
  const plan = planOf(ways, leftOut);
  const name = relative(host.cwd, folder).startsWith("..") ? folder : relative(host.cwd, folder) || ".";
  const verdict = worstOf(plan);
  const print = values.json ? jsonReport : textReport;
  if (!values.apply || verdict === "blocks") {
    host.stdout(print(plan, { folder: name, applied: undefined }));
    if (values.apply)
      throw new CommandError("nothing was written: solve the problems that block, or choose roles with --role");
    return EXIT[verdict];
  }
  const written = applyPlan(plan, folder, values.force, ownIds(system.uid, host.env));
  host.stdout(print(plan, { folder: name, applied: { folder, written } }));
  return EXIT.maps;
}

/** Reports whether the flags name no source, so that all sources are searched. */
const isOpen = (values: Values): boolean =>
  !values["from-processes"] &&
  values["from-process"].length === 0 &&
  values["from-unit"].length === 0 &&
  values["from-compose"].length === 0;

async function composeWays(
  values: Values,
  terms: Omit<PlanTerms, "isService"> & { readonly choose: (role: string) => boolean },
  system: System,
): Promise<readonly Way[]> {
  const { cwd, env } = system.host;
  const paths = isOpen(values) ? composeFilesIn(cwd) : namedComposeFiles(values["from-compose"], cwd);
  if (paths.length === 0) return [];
  const images = { prefix: values["image-prefix"], tag: values["image-tag"] };
  return planCompose(new ComposeProject(paths, env), { ...terms, images }, system);
}

/**
 * Finds the programs that the flags select. If a systemd unit starts some of the processes, returns the unit instead of
 * its processes.
 */
function findOriginals(values: Values, system: System): Findings {
  const named = values["from-unit"].map((unit) => namedUnit(unit, system));
  const searched = isOpen(values) ? [findUnits(system)] : [];
  const units = allOf([...named, ...searched]);
  const all = isOpen(values) || values["from-processes"] ? [runningOriginals(units.originals, system)] : [];
  const chosen = values["from-process"].map((pid) => runningUnder(pid, system));
  return allOf([units, ...all, ...chosen]);
}

function runningOriginals(units: readonly FoundOriginal[], system: System): Findings {
  const { processes, hidden } = processesHere(system);
  const isOfUnit = (unit: string | undefined): boolean =>
    units.some(({ origin }) => origin.kind === "unit" && origin.name === unit);
  const others = processes.filter(({ unit }) => !isOfUnit(unit));
  // Several processes of one unit are one service, so only the first is kept.
  const first = others.filter(
    ({ unit }, i) => unit === undefined || others.findIndex((one) => one.unit === unit) === i,
  );
  const leftOut = hidden.filter(({ unit }) => !isOfUnit(unit)).map(({ sentence }) => sentence);
  return allOf([{ originals: [], leftOut }, ...first.map((one) => supervised(one, false, system))]);
}

function runningUnder(pid: string, system: System): Findings {
  const found = processesHere(system).processes.find(({ origin }) => String(origin.pid) === pid);
  if (found !== undefined) return supervised(found, true, system);
  throw new CommandError(
    `--from-process=${pid}: no supported program that this user can see has this process id; see ps -e`,
  );
}

function processesHere(system: System): ReturnType<typeof originalProcesses> {
  if (system.platform === "linux") return originalProcesses(system);
  throw new CommandError("running programs can be read only on Linux; name a compose file with --from-compose");
}

/**
 * Replaces a process by the systemd unit that starts it, because systemd would restart a stopped process. Keeps the
 * process if the unit cannot be read, possibly with a note that blocks the migration.
 */
function supervised(found: OriginalProcess, isNamed: boolean, system: System): Findings {
  const alone: Findings = { originals: [found], leftOut: [] };
  if (found.unit === undefined) return alone;
  try {
    return namedUnit(found.unit, system);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (isNamed && !found.isStartedByManager) return alone;
    const text = `the unit ${found.unit} starts it, may start it again when it ends, and cannot be read: ${error.message}; write the program and its flags into ExecStart= of a separate unit, start that instead of this one, and name it with --from-unit`;
    return { originals: [{ ...found, notes: [...found.notes, blocks(text)] }], leftOut: [] };
  }
}

function nothingFound(values: Values, leftOut: readonly string[]): string {
  const wanted =
    values.role.length === 0 ? "no supported program was found" : `no original of ${values.role.join(", ")} was found`;
  const hint = "name a unit with --from-unit, or a compose file with --from-compose";
  return [`${wanted}; ${hint}`, ...leftOut.map((sentence) => `  ${sentence}`)].join("\n");
}

/** Writes the files of a plan. Returns their paths. Throws CommandError if a file exists and `force` is off. */
function applyPlan(
  plan: Plan,
  folder: string,
  force: boolean,
  owners: readonly number[] | undefined,
): readonly string[] {
  const elsewhere = "narthex migrate --apply --output-dir=FOLDER";
  const beside = plan.beside.map((file) => ({ ...file, path: relative(folder, file.path) }));
  return writeFiles(folder, [...plan.files, ...beside], { force, elsewhere, owners }).map(({ path }) => path);
}
