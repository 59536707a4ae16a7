import { type ConfigFiles, diskFiles } from "@narthex/config";
import { type FlagTable, type FlagValues, helpText, type Host, parseFlags } from "@narthex/runtime";
import { CommandError } from "../command-line/command.ts";
import { versionLine } from "../version-line.ts";
import type { Check, DoctorContext } from "./check.ts";
import { type Configurations, readConfigurations } from "./configurations.ts";
import { commonFlags, flags } from "./flags.ts";
import type { Machine } from "./machine/machine.ts";
import { thisMachine } from "./machine/this-machine.ts";
import type { Network } from "./network/network.ts";
import { networkOf } from "./network/this-network.ts";
import { CHECKS } from "./registry.ts";
import { EXIT, jsonReport, textReport, worstLevel } from "./report.ts";
import { runChecks } from "./run-checks.ts";
import { argumentsOf, ROLE_READERS } from "./subject/role-readers.ts";
import { type SubjectReading, subjectOfUp } from "./subject/read-subject.ts";
import type { RoleSubject } from "./subject/subject.ts";

/** Exit status for an invalid command line. */
const EXIT_USAGE = 3;

/** Replacements for real objects in tests. */
interface DoctorOptions {
  readonly machine?: Machine;
  readonly network?: Network;
  readonly checks?: readonly Check[];
  /** Whether standard output supports colours. */
  readonly isColored?: boolean;
}

type CommonValues = FlagValues<typeof commonFlags>;

/** The parsed command line: the subject to check and the flags of the checks, or the help text to print. */
type Request = { readonly reading: SubjectReading; readonly values: CommonValues } | { readonly help: string };

/**
 * Runs `narthex doctor [ROLE]`. Resolves with 0 if there is no problem, 1 for warnings, 2 for errors, 3 for an invalid
 * command line.
 */
export async function runDoctor(host: Host, options: DoctorOptions = {}): Promise<number> {
  const {
    machine = thisMachine,
    network = networkOf(host.clock),
    checks = CHECKS,
    isColored = hasColors(host),
  } = options;
  if (host.args.includes("--version")) {
    host.stdout(versionLine());
    return 0;
  }
  try {
    const request = readRequest(host, checks);
    if ("help" in request) {
      host.stdout(request.help);
      return 0;
    }
    const { reading, values } = request;
    const chosen = chosenChecks(checks, values.check);
    const reports = await runChecks(chosen, contextOf(host, { machine, network }, reading, values));
    const { title } = reading.subject;
    host.stdout(values.json ? jsonReport(title, reports) : textReport(title, reports, isColored));
    return EXIT[worstLevel(reports)];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    host.stderr(`narthex doctor: error: ${error.message}\n`);
    return EXIT_USAGE;
  }
}

const hasColors = ({ env }: Host): boolean => process.stdout.isTTY && (env["NO_COLOR"] ?? "") === "";

function readRequest(host: Host, checks: readonly Check[]): Request {
  const [first = "", ...rest] = host.args;
  const isStack = first === "" || first.startsWith("-") || first === "up";
  if (isStack) {
    const values = read(flags, first === "up" ? rest : host.args);
    if (values === undefined) return { help: helpOf("", flags, checks) };
    return { reading: subjectOfUp(host, values), values };
  }
  const reader = ROLE_READERS.find(({ role }) => role === first);
  if (reader === undefined) {
    const roles = ROLE_READERS.map(({ role }) => role).join(", ");
    throw new CommandError(
      `the role ${first} does not exist; name one of ${roles}, or no role for the stack of narthex up`,
    );
  }
  const table: FlagTable = { ...reader.flags, ...commonFlags };
  const { flags: given, overrides } = argumentsOf(first, rest);
  const values = read(table, given);
  if (values === undefined) return { help: helpOf(first, table, checks) };
  const role = reader.read(values, { host, env: host.env, overrides });
  return {
    reading: { subject: { title: titleOf(role), portOffset: undefined, roles: [role] }, files: diskFiles },
    values: values as unknown as CommonValues,
  };
}

/**
 * Returns the title of the report for one server: its name and its configuration file. Other flags are not shown,
 * because they may contain passwords.
 */
function titleOf({ role, prometheus, alertmanager }: RoleSubject): string {
  const file = (prometheus ?? alertmanager)?.file;
  return file === undefined ? `narthex ${role}` : `narthex ${role}: configuration in ${file}`;
}

/** Parses the flags. Returns undefined if the user asks for help. Throws CommandError. */
function read<F extends FlagTable>(table: F, args: readonly string[]): FlagValues<F> | undefined {
  const outcome = parseFlags(table, args);
  if (outcome.kind === "help" || outcome.kind === "version") return undefined;
  if (outcome.kind === "parsed") return outcome.flags.values;
  const role =
    outcome.message === "unknown long flag '--config.file'"
      ? "; name the role first: narthex doctor server --config.file=FILE"
      : "";
  const suggestion = outcome.suggestion === undefined ? "" : `\n${outcome.suggestion}`;
  throw new CommandError(`${outcome.message}${role}, try --help${suggestion}`);
}

const ABOUT =
  "Finds problems of an installation and shows how to solve them. Nothing is changed. Without a role, checks the stack that narthex up would start. With a role, checks a start with the given flags; write them as they are in its unit or compose file.\n\nExit status: 0 all is well, 1 warnings, 2 errors, 3 a mistake in the command line.";

function helpOf(role: string, table: FlagTable, checks: readonly Check[]): string {
  const words = role === "" ? "narthex doctor" : `narthex doctor ${role}`;
  const text = helpText(words, ABOUT, table);
  const usage = role === "" ? text.replace("[<flags>]", "[ROLE] [<flags>]") : text;
  const width = Math.max(...checks.map(({ name }) => name.length));
  return `${usage}\nChecks:\n${checks.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}\n`).join("")}`;
}

function chosenChecks(checks: readonly Check[], names: readonly string[]): readonly Check[] {
  const unknown = names.find((name) => !checks.some((check) => check.name === name));
  if (unknown !== undefined) {
    throw new CommandError(
      `the check ${unknown} does not exist; choose one of ${checks.map(({ name }) => name).join(", ")}`,
    );
  }
  return names.length === 0 ? checks : checks.filter(({ name }) => names.includes(name));
}

function contextOf(
  host: Host,
  system: Pick<DoctorContext, "machine" | "network">,
  { subject, files }: { readonly subject: SubjectReading["subject"]; readonly files: ConfigFiles },
  values: CommonValues,
): DoctorContext {
  let configurations: Promise<Configurations> | undefined;
  return {
    subject,
    host,
    clock: host.clock,
    files,
    ...system,
    timeoutMs: values.timeout,
    signsIn: values["mail-login"],
    configurations: () => (configurations ??= readConfigurations(subject, host, files)),
  };
}
