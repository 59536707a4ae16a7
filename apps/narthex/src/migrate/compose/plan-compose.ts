import { resolve } from "node:path";

import { RoleArguments } from "../../service/role-arguments.ts";
import { roleNamed } from "../../service/roles.ts";
import type { System } from "../../service/system.ts";
import { checkConfiguration } from "../configuration.ts";
import { unquoted } from "../../service/role-arguments.ts";
import { flagWords } from "../flag-words.ts";
import { flagNotes, refusalsOf } from "../flag-notes.ts";
import { blocks, differs, type Note } from "../note.ts";
import type { Way } from "../plan.ts";
import type { DataPlan, RolePlan, Target } from "../role-plan.ts";
import { type ContainerMove, moveContainer } from "./compose-dashboards.ts";
import type { ComposeProject } from "./compose-project.ts";
import { composeTarget, type ImageNames } from "./compose-target.ts";
import { projectName } from "./project-name.ts";
import { type FoundService, findServices } from "./find-services.ts";
import { hostPath, mountAt, mountedFiles } from "./mounts.ts";

interface ComposeTerms {
  readonly images: ImageNames;
  /** Reports whether the user wants to migrate the program that this server replaces. */
  readonly choose: (role: string) => boolean;
  /** Absolute path of the folder to which the migration plan is written. */
  readonly folder: string;
  /** Path of Grafana's database file. Empty means the default path. */
  readonly grafanaDatabase: string;
}

/**
 * Plans the migration of the replaceable services in a compose project. Only their images change. Throws CommandError.
 */
export async function planCompose(
  project: ComposeProject,
  terms: ComposeTerms,
  system: System,
): Promise<readonly Way[]> {
  const chosen = findServices(project).filter(({ found }) => terms.choose(found.original.role));
  const named = await projectName(project, system);
  const plans: RolePlan[] = [];
  const moves: ContainerMove[] = [];
  for (const one of chosen) {
    const plan = await planService(one, system);
    if (one.found.original.role !== "dashboards") {
      plans.push(plan);
      continue;
    }
    const data = dataPaths(one.found.original, plan.args, one.found.env)[0]!;
    const move = moveContainer(one, project, { ...terms, data, projectName: named.name }, system);
    moves.push(move);
    plans.push({
      ...plan,
      files: move.files,
      data: [...plan.data, ...move.data],
      notes: [...plan.notes, ...move.notes],
    });
  }
  const target: Target = {
    ...composeTarget(chosen, project, { ...terms.images, projectName: named.isOther ? named.name : undefined }, moves),
    files: moves.flatMap(({ files }) => files),
  };
  // One command changes all services of a project, so only the first plan contains the command and the files.
  const others: Target = { ...target, files: [], beside: [], over: [], back: [] };
  return plans.map((plan, i) => ({
    plan,
    target: i === 0 ? target : others,
    notes: i === 0 ? [...plan.notes, ...named.notes] : plan.notes,
    isService: false,
  }));
}

async function planService({ found, mounts, isTransparent }: FoundService, system: System): Promise<RolePlan> {
  const { original } = found;
  const role = roleNamed(original.role)!;
  const args = new RoleArguments(found.words);
  const { data, notes: dataNotes } = dataOf(found, args, mounts);
  const notes: Note[] = [...found.notes, ...dataNotes, ...formerNotes(found), ...flagNotes(original, args)];
  const configuration: string[] = [];
  if (isTransparent) {
    const refusals = notes.some(({ level }) => level === "blocks") ? [] : await refusalsOf(role, args, system);
    notes.unshift(
      ...refusals.map(({ level, text }) => ({ level, text: `${found.origin.file}:${found.origin.line}: ${text}` })),
    );
    const checked = await configurationOf(found, args, { mounts, system });
    configuration.push(...checked.words);
    notes.push(...checked.notes);
  }
  return { found, role, args, user: "", env: {}, configuration, files: [], data, notes };
}

/**
 * Returns notes about flags that only older versions of the program have. With such flags, the user must also change
 * the compose file.
 */
function formerNotes({ original, words, origin }: FoundService["found"]): readonly Note[] {
  return flagWords(words, original.table).flatMap(({ name }) => {
    const change =
      original.former !== undefined && Object.hasOwn(original.former, name) ? original.former[name] : undefined;
    if (change === undefined || Object.hasOwn(original.table, name)) return [];
    const hint = "now" in change ? `write --${change.now}` : `remove it: ${change.leftOut}`;
    return [
      blocks(
        `${origin.file}:${origin.line}: service ${origin.service}: --${name} is a flag of an earlier ${original.title}; ${hint}`,
      ),
    ];
  });
}

interface ContainerView {
  readonly mounts: FoundService["mounts"];
  readonly system: System;
}

/** Reads the configuration that is mounted into the container. Messages contain its path on the host. */
async function configurationOf(
  { original, cwd, env }: FoundService["found"],
  args: RoleArguments,
  { mounts, system }: ContainerView,
): Promise<{ readonly words: readonly string[]; readonly notes: readonly Note[] }> {
  const flag = original.table["config.file"];
  if (flag === undefined) return { words: [], notes: [] };
  const path = resolve(cwd, unquoted(args.value("config.file") ?? flag.print(flag.default)));
  const place = mountAt(path, mounts);
  if (place === undefined) {
    const text = `no file is mounted at ${path}: the configuration in the image is used, and our image has a different one`;
    return { words: [], notes: [differs(text)] };
  }
  if (place.kind !== "folder")
    return {
      words: [`${path}: in the volume ${place.source || "without a name"}, which is not read`],
      notes: [],
    };
  const inside = new RoleArguments([...args.words, `--config.file=${path}`]);
  const read = await checkConfiguration(roleNamed(original.role)!, inside, {
    files: mountedFiles(mounts),
    env,
    system,
  });
  const onHost = (text: string): string =>
    text.replace(/^\/[^:]*/, (inContainer) => hostPath(inContainer, mounts) ?? inContainer);
  return {
    words: read.words.map(onHost),
    notes: read.notes.map(({ level, text }) => ({ level, text: onHost(text) })),
  };
}

function dataOf(
  { original, env, cwd }: FoundService["found"],
  args: RoleArguments,
  mounts: FoundService["mounts"],
): { readonly data: readonly DataPlan[]; readonly notes: readonly Note[] } {
  const data: DataPlan[] = [];
  const notes: Note[] = [];
  for (const path of dataPaths(original, args, env)) {
    const absolute = resolve(cwd, path);
    const mount = mountAt(absolute, mounts);
    const isNameless = mount?.kind === "nameless" || (mount === undefined && original.declaresVolume);
    if (mount !== undefined && mount.kind !== "nameless") {
      const what = mount.kind === "volume" ? `volume ${mount.source}` : (hostPath(absolute, mounts) ?? mount.source);
      data.push({
        path: what,
        text: `at ${absolute}, ${TAKEN[original.role] ?? "used in place"}; the old container ends before the new one starts`,
      });
    } else if (isNameless) {
      data.push({
        path: absolute,
        text: "in a volume without a name, which docker compose passes to the new container",
      });
      notes.push(
        differs(
          `${absolute} is in a volume without a name: \`docker compose down\` before the start of the new container would lose it`,
        ),
      );
    } else {
      notes.push(differs(`${absolute} is not in a volume: the data of the old container there is lost with it`));
    }
  }
  return { data, notes };
}

const TAKEN: Readonly<Record<string, string>> = {
  server: "used in place; both programs have the same format",
  dashboards: "shared: grafana.db stays unchanged, and our database is narthex.db next to it",
};

function dataPaths(
  { data, role, table }: FoundService["found"]["original"],
  args: RoleArguments,
  env: Readonly<Record<string, string>>,
): readonly string[] {
  if (role === "dashboards") return [args.setting("paths.data") ?? env["GF_PATHS_DATA"] ?? "/var/lib/grafana"];
  const isAgent = args.words.includes("--agent");
  return Object.keys(data).flatMap((flag) => {
    if ((flag === "storage.agent.path" && !isAgent) || (flag === "storage.tsdb.path" && isAgent)) return [];
    const path = unquoted(args.value(flag) ?? table[flag]!.print(table[flag]!.default));
    return path === "" ? [] : [path];
  });
}
