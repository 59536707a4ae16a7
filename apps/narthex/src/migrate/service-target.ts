import { definitionOf } from "../service/definition.ts";
import { launcherOf } from "../service/launcher.ts";
import { shellCommand } from "../service/shell-words.ts";
import type { ServiceDefinition } from "../service/service-manager.ts";
import type { System } from "../service/system.ts";
import { systemd, UNITS, unitOf } from "../service/systemd.ts";
import type { NewFile } from "../init/new-files.ts";
import { movedFolders } from "./grafana/grafana-plan.ts";
import { blocks, type Note } from "./note.ts";
import { originalLines } from "./original-lines.ts";
import { sentenceOf } from "./package-owners.ts";
import type { RolePlan, Target } from "./role-plan.ts";
import { isClosed } from "./secrets.ts";
import type { CarriedSetting } from "./source/found-original.ts";
import { copyFolders, environmentText, restoreFolder } from "./shell-lines.ts";

/**
 * Plans a systemd service that replaces the original program, created by `narthex service install`. Reports problems
 * that would keep the service from working.
 */
export async function serviceTarget(
  plan: RolePlan,
  system: System,
): Promise<{ readonly target: Target; readonly notes: readonly Note[] }> {
  const { role, args, user } = plan;
  const { host, execPath, script } = system;
  const quiet: System = { ...system, host: { ...host, stderr: () => undefined } };
  const launcher = launcherOf({ env: host.env, execPath, script }, role.role);
  const install = [...launcher.words, "service", "install", ...(user === "" ? [] : [`--user=${user}`]), role.role];
  const dropIns = dropInFiles(plan);
  const provisioning = provisioningLines(plan, system);
  const stop = originalLines(plan, system);
  const target: Target = {
    kind: "service",
    files: [...plan.files, ...(await unitFiles(plan, quiet)), ...dropIns.files, ...stop.files],
    beside: [],
    over: [
      // The copies come first, so that a full disk leaves the original program running.
      ...provisioning.over,
      ...stop.over,
      ...dropIns.over,
      shellCommand([...install, ...args.words]),
      ...packageLines(plan),
    ],
    back: [
      // Hides the output, which lists remaining data as leftovers and would mislead a user who switches back to the
      // original program.
      `${shellCommand([...launcher.words, "service", "uninstall", role.role])} >/dev/null`,
      ...dropIns.back,
      ...provisioning.back,
      ...stop.back,
    ],
    needsRoot: true,
  };
  return { target, notes: await problemsOf(plan, quiet) };
}

/**
 * Returns the service definition that `narthex service install` would create. Undefined if the server refuses its
 * arguments.
 */
async function definition({ role, args, user }: RolePlan, system: System): Promise<ServiceDefinition | undefined> {
  const answer = await definitionOf(role, { given: args.words, user, mayChangeData: true, manager: systemd, system });
  return "text" in answer ? undefined : answer;
}

async function unitFiles(plan: RolePlan, system: System): Promise<readonly NewFile[]> {
  const made = await definition(plan, system);
  if (made === undefined) return [];
  const text = await unitOf(made, system);
  return [{ path: `units/${plan.role.name}.service`, text, isSecret: isClosed(plan) }];
}

/**
 * Returns the problems that `narthex service install` would report once the original program has ended. Empty if
 * systemd does not run.
 */
async function problemsOf(plan: RolePlan, system: System): Promise<readonly Note[]> {
  if (systemd.absence(system) !== undefined || system.isStaged) return [];
  const afterwards: System = {
    ...system,
    isListening: async () => false,
    run: (command, args) =>
      command === "systemctl" ? Promise.resolve({ status: 3, stdout: "", stderr: "" }) : system.run(command, args),
  };
  const made = await definition(plan, system);
  return made === undefined ? [] : (await systemd.problems(made, afterwards)).map((sentence) => blocks(sentence));
}

/** Returns shell lines that print which packages must stay installed. */
const packageLines = ({ packages = [] }: RolePlan): readonly string[] =>
  packages.map((owner) => shellCommand(["echo", sentenceOf(owner)]));

/**
 * Returns shell lines that copy provisioning files to the new server's configuration folder, and shell lines that undo
 * the copying. Only the server's user may read the copies, because they may contain passwords.
 */
function provisioningLines({ files, role, user }: RolePlan, system: System): Pick<Target, "over" | "back"> {
  const moved = movedFolders(files);
  if (moved.length === 0) return { over: [], back: [] };
  const folder = `/etc/${role.name}`;
  const copies = moved.map((from) => ({ from, to: `${folder}/${from.slice(from.lastIndexOf("/") + 1)}` }));
  const owner = user === "" ? systemd.userOf(role, system) : user;
  return {
    over: [
      ...(user === "" ? userLines(owner) : []),
      shellCommand(["install", "-d", "-m", "755", folder]),
      ...copyFolders(copies, (path) => [
        shellCommand(["chown", "-R", `${owner}:`, path]),
        shellCommand(["chmod", "-R", "u=rwX,go=", path]),
      ]),
    ],
    back: copies.map(({ to }) => restoreFolder(to)),
  };
}

/** Returns shell lines that create the user of a service, as `narthex service install` does, if it does not exist. */
const userLines = (user: string): readonly string[] => [
  `group=$(getent group ${user} >/dev/null && echo "--gid ${user}" || echo --user-group)`,
  `getent passwd ${user} >/dev/null || useradd --system $group --no-create-home --shell /usr/sbin/nologin ${user}`,
];

/**
 * Returns drop-in files for the new systemd unit: one with settings of the original unit, and one that loads the
 * environment variables of the original program from a file that only root may read.
 */
function dropInFiles({ env, role, found }: RolePlan): Pick<Target, "files" | "over" | "back"> {
  const folder = `${role.name}.service.d`;
  const secret = `secrets/${role.name}.env`;
  const installedSecret = `/etc/${role.name}/environment.env`;
  const hasVariables = Object.keys(env).length > 0;
  const texts = {
    ...(found.settings === undefined || found.settings.length === 0 ? {} : { original: settingsText(found.settings) }),
    ...(hasVariables ? { environment: `[Service]\nEnvironmentFile=${installedSecret}\n` } : {}),
  };
  const dropIns = Object.entries(texts).map(([name, text]) => ({ path: `units/${folder}/${name}.conf`, text }));
  const installed = dropIns.map(({ path }) => path.replace("units", UNITS));
  if (dropIns.length === 0) return { files: [], over: [], back: [] };
  return {
    files: [
      ...(hasVariables ? [{ path: secret, text: environmentText(env), isSecret: true }] : []),
      ...dropIns.map((file) => ({ ...file, isSecret: false })),
    ],
    over: [
      ...(hasVariables ? [shellCommand(["install", "-D", "-m", "600", secret, installedSecret])] : []),
      ...dropIns.map(({ path }, i) => shellCommand(["install", "-D", "-m", "644", path, installed[i]!])),
    ],
    back: [
      shellCommand(["rm", "-f", ...(hasVariables ? [installedSecret] : []), ...installed]),
      `${shellCommand(["rmdir", `${UNITS}/${folder}`])} 2>/dev/null || true`,
    ],
  };
}

const settingsText = (settings: readonly CarriedSetting[]): string =>
  ["Unit", "Service"]
    .flatMap((section) => {
      const own = settings.filter((setting) => setting.section === section);
      return own.length === 0 ? [] : [`[${section}]`, ...own.map(({ name, value }) => `${name}=${value}`)];
    })
    .join("\n")
    .concat("\n");
