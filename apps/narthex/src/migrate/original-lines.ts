import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { NewFile } from "../init/new-files.ts";
import { shellCommand } from "../service/shell-words.ts";
import { rooted, type System } from "../service/system.ts";
import { UNITS } from "../service/systemd.ts";
import { originalStart } from "./command-target.ts";
import type { RolePlan, Target } from "./role-plan.ts";
import { endProcess, startDetached } from "./shell-lines.ts";
import type { Origin } from "./source/found-original.ts";

type Lines = Pick<Target, "files" | "over" | "back">;

/**
 * Returns shell lines that stop the original program and move its unit file away, and shell lines that undo these
 * steps. Running the lines again after a failure does not overwrite moved files.
 */
export function originalLines(plan: RolePlan, system: System): Lines {
  const { origin } = plan.found;
  if (origin.kind === "process") return processLines(plan, origin, system);
  return origin.kind === "unit" ? unitLines(plan, origin, system) : { files: [], over: [], back: [] };
}

function processLines(plan: RolePlan, origin: Extract<Origin, { kind: "process" }>, system: System): Lines {
  const { file, start } = originalStart(plan, origin, system);
  const ended = shellCommand([`${plan.role.name}-${origin.pid}.ended`]);
  return {
    files: file === undefined ? [] : [file],
    over: [`if [ ! -e ${ended} ]; then`, ...endProcess(origin.pid, origin.comm), `: >${ended}`, "fi"],
    back: [`if [ -e ${ended} ]; then`, ...startDetached(start), `rm -f ${ended}`, "fi"],
  };
}

function unitLines({ role }: RolePlan, origin: Extract<Origin, { kind: "unit" }>, system: System): Lines {
  const { name, path, dropIns } = origin;
  const own = `${UNITS}/${role.name}.service`;
  // Files in /etc to move away. For a unit that a package has installed, these are only drop-in files, which would also
  // apply to the new unit.
  const moved = [...(path === own ? [own] : []), `${own}.d`].filter(
    (one) => name === `${role.name}.service` && existsSync(rooted(system, one)),
  );
  const state = shellCommand([`${name}.state`]);
  const aside = (one: string): string => shellCommand([`${one}.before-narthex`]);
  const disable = shellCommand(["systemctl", "disable", "--now", name]);
  return {
    files: [path, ...dropIns].flatMap((file) => copyOf(file, system)),
    over: [
      // Records the state before the switch, which go-back.sh restores, as two words such as "enabled" and "active".
      `[ -e ${state} ] || { ${shellCommand(["systemctl", "is-enabled", name])}; ${shellCommand(["systemctl", "is-active", name])}; } >${state} 2>/dev/null || true`,
      moved.includes(own) ? `[ -e ${aside(own)} ] || ${disable}` : disable,
      ...moved.map((one) => `[ -e ${aside(one)} ] || ${shellCommand(["mv", one, `${one}.before-narthex`])}`),
      ...(moved.length > 0 ? ["systemctl daemon-reload"] : []),
    ],
    back: [
      ...moved.map((one) => `[ ! -e ${aside(one)} ] || mv ${aside(one)} ${shellCommand([one])}`),
      "systemctl daemon-reload",
      `grep -qsx disabled ${state} || ${shellCommand(["systemctl", "enable", name])}`,
      `grep -qsxE 'inactive|failed' ${state} || ${shellCommand(["systemctl", "start", name])}`,
      `rm -f ${state}`,
    ],
  };
}

/** Returns a backup of a unit's file for the plan's folder. Empty if the file cannot be read. */
function copyOf(file: string, system: System): readonly NewFile[] {
  try {
    const text = readFileSync(rooted(system, file), "utf8");
    const folder = file.endsWith(".conf") ? `${basename(file.slice(0, file.lastIndexOf("/")))}/` : "";
    return [{ path: `originals/${folder}${basename(file)}`, text, isSecret: true }];
  } catch {
    return [];
  }
}
