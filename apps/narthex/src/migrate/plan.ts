import { IGNORED_SECRETS, type NewFile } from "../init/new-files.ts";
import type { System } from "../service/system.ts";
import { commandTarget } from "./command-target.ts";
import { blocks, type Note } from "./note.ts";
import { packageNotes, packageOwners } from "./package-owners.ts";
import { planRole } from "./plan-role.ts";
import type { PlanTerms, RolePlan, Target } from "./role-plan.ts";
import { isClosed } from "./secrets.ts";
import { serviceTarget } from "./service-target.ts";
import { GO_BACK, script, SWITCH_OVER } from "./shell-lines.ts";
import type { FoundOriginal } from "./source/found-original.ts";
import { systemd } from "../service/systemd.ts";

/** A server to start, and how it replaces the original program. */
export interface PlannedRole {
  readonly plan: RolePlan;
  readonly kind: Target["kind"];
  readonly notes: readonly Note[];
}

export interface Plan {
  readonly roles: readonly PlannedRole[];
  readonly leftOut: readonly string[];
  /** Files in the migration plan's folder. Paths are relative to the folder. */
  readonly files: readonly NewFile[];
  /** Files that are written next to the user's files. Paths are absolute. */
  readonly beside: readonly NewFile[];
  readonly needsRoot: boolean;
}

/**
 * Plans the migration of programs on this machine. The new servers become systemd services if systemd runs or unit
 * files were read, otherwise command lines.
 */
export async function planMachine(
  originals: readonly FoundOriginal[],
  terms: Omit<PlanTerms, "isService">,
  system: System,
): Promise<readonly Way[]> {
  const ways: Way[] = [];
  for (const found of originals) {
    const isService = found.origin.kind === "unit" || systemd.absence(system) === undefined;
    const bare = await planRole(found, { ...terms, isService }, system);
    const packages = await packageOwners(bare, system);
    const plan: RolePlan = { ...bare, packages, notes: [...bare.notes, ...packageNotes(packages)] };
    const isRefused = plan.notes.some(({ level }) => level === "blocks");
    // Plans no service if the new server refuses its arguments.
    const made = isRefused ? undefined : await (isService ? serviceTarget(plan, system) : commandTarget(plan, system));
    ways.push({ plan, target: made?.target, notes: [...plan.notes, ...(made?.notes ?? [])], isService });
  }
  return ways.map((way) => ({ ...way, notes: [...way.notes, ...twinNotes(way, ways)] }));
}

/** The plan for one program, and the steps that replace it. `target` is undefined if a problem blocks the migration. */
export interface Way {
  readonly plan: RolePlan;
  readonly target: Target | undefined;
  readonly notes: readonly Note[];
  readonly isService: boolean;
}

/** Returns a blocking note if two programs would become the same service. */
function twinNotes({ plan, isService }: Way, ways: readonly Way[]): readonly Note[] {
  const twins = ways.filter((way) => way.isService && isService && way.plan.role === plan.role);
  if (twins.length < 2 || twins[0]!.plan === plan) return [];
  const { title } = plan.found.original;
  return [
    blocks(
      `there are ${twins.length} of ${title}, but only one service ${plan.role.name} is possible; migrate one with --from-unit, and write units for the others`,
    ),
  ];
}

const moveText = (which: "over" | "back", title: string, role: string): string =>
  which === "over" ? `"${title} -> narthex ${role}"` : `"narthex ${role} -> ${title}"`;

export function planOf(ways: readonly Way[], leftOut: readonly string[]): Plan {
  const targets = ways.flatMap(({ target }) => (target === undefined ? [] : [target]));
  const isSecret = ways.some(({ plan }) => isClosed(plan));
  const needsRoot = targets.some((target) => target.needsRoot);
  const lines = (which: "over" | "back", order: readonly Way[]): readonly string[] =>
    order.flatMap(({ plan, target }) => {
      const { title } = plan.found.original;
      return target === undefined || target[which].length === 0
        ? []
        : [
            ...(target.kind === "compose" ? [] : [`echo ${moveText(which, title, plan.role.role)}`]),
            ...target[which],
            "",
          ];
    });
  const needs = new Set(targets.flatMap((target) => target.needs ?? []));
  const files = targets.flatMap((target) => target.files);
  const scripts: readonly NewFile[] =
    targets.length === 0
      ? []
      : [
          {
            path: SWITCH_OVER,
            text: script(SWITCH_OVER, {
              about: "Ends the originals and starts Narthex in their place; go-back.sh undoes this.",
              needsRoot,
              lines: [...needs, ...lines("over", ways)],
            }),
            isSecret,
          },
          {
            path: GO_BACK,
            text: script(GO_BACK, {
              about: "Ends Narthex and starts the originals again, on the same data.",
              needsRoot,
              lines: [...needs, ...lines("back", ways.toReversed())],
            }),
            isSecret,
          },
        ];
  return {
    roles: ways.map(({ plan, target, notes, isService }) => ({
      plan,
      kind: target?.kind ?? (plan.found.origin.kind === "compose" ? "compose" : isService ? "service" : "command"),
      notes,
    })),
    leftOut,
    files: [...(files.some(({ path }) => path.startsWith("secrets/")) ? [IGNORED_SECRETS] : []), ...files, ...scripts],
    beside: targets.flatMap(({ beside }) => beside),
    needsRoot,
  };
}
