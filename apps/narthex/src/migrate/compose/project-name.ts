import { realpathSync } from "node:fs";
import { basename } from "node:path";
import type { System } from "../../service/system.ts";
import { differs, fact, type Note } from "../note.ts";
import type { ComposeProject } from "./compose-project.ts";

export interface ProjectName {
  readonly name: string;
  /** Whether the scripts must name the project, because docker compose would choose another name. */
  readonly isOther: boolean;
  readonly notes: readonly Note[];
}

/**
 * Returns the name under which the container engine runs a project. If the engine does not respond, returns the name
 * that docker compose would choose.
 */
export async function projectName(project: ComposeProject, system: System): Promise<ProjectName> {
  const chosen = chosenName(project);
  const isFromShell = project.isNamedByShell;
  const running = await runningNames(project, system);
  if (running.length === 0 || running.includes(chosen)) return { name: chosen, isOther: isFromShell, notes: [] };
  const [name] = running as readonly [string];
  const text = `the engine runs this project under the name ${name}; the scripts use this name, so that its volumes stay`;
  const others = `the engine runs this file as ${running.join(" and ")}; the scripts switch ${name} only; to choose another one, set COMPOSE_PROJECT_NAME`;
  return { name, isOther: true, notes: [running.length === 1 ? fact(text) : differs(others)] };
}

/** Requests from the container engine the names of the projects that were started from the project's first file. */
async function runningNames(project: ComposeProject, system: System): Promise<readonly string[]> {
  const { status, stdout } = await system.run("docker", ["compose", "ls", "--all", "--format", "json"]);
  if (status !== 0) return [];
  try {
    const list = JSON.parse(stdout) as readonly { readonly Name: string; readonly ConfigFiles?: string }[];
    const first = realpathSync(project.files[0]!.path);
    return list
      .filter(({ ConfigFiles = "" }) => ConfigFiles.split(",").some((path) => isSame(path, first)))
      .map(({ Name }) => Name);
  } catch {
    // Ignores the error: old versions of Docker Compose do not print JSON.
    return [];
  }
}

function isSame(path: string, real: string): boolean {
  try {
    return realpathSync(path) === real;
  } catch {
    return false;
  }
}

/** Returns the name that docker compose chooses for a project. */
function chosenName(project: ComposeProject): string {
  const written = project.files.flatMap(({ root, path }) => project.textIn(root, "name", path) ?? []);
  const given = project.env["COMPOSE_PROJECT_NAME"] || (written.at(-1) ?? basename(project.folder));
  return given
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
}
