import { shellCommand } from "../service/shell-words.ts";
import type { Note } from "./note.ts";
import type { Plan, PlannedRole } from "./plan.ts";
import { withoutPasswords, withoutSecret } from "./secrets.ts";
import { GO_BACK, SWITCH_OVER } from "./shell-lines.ts";
import type { Origin } from "./source/found-original.ts";

/** Exit statuses of `narthex migrate`, by the worst level of notes. */
export const EXIT = { maps: 0, differs: 1, blocks: 2, usage: 3 } as const;

/** Returns the worst level of a plan's notes. */
export function worstOf({ roles }: Plan): "maps" | "differs" | "blocks" {
  const levels = new Set(roles.flatMap(({ notes }) => notes.map(({ level }) => level)));
  return levels.has("blocks") ? "blocks" : levels.has("differs") ? "differs" : "maps";
}

interface Applied {
  readonly folder: string;
  readonly written: readonly string[];
}

interface View {
  /** The migration plan's folder, as the user has given it. */
  readonly folder: string;
  /** The files that were written. Undefined without --apply. */
  readonly applied: Applied | undefined;
}

export function textReport(plan: Plan, { folder, applied }: View): string {
  const { roles, leftOut } = plan;
  const count = (level: Note["level"]): number =>
    roles.reduce((sum, { notes }) => sum + notes.filter((note) => note.level === level).length, 0);
  const sudo = plan.needsRoot ? "sudo " : "";
  const scripts = plan.files.some(({ path }) => path === SWITCH_OVER);
  const lines = [
    applied === undefined ? "This is a plan; nothing is changed.\n" : "",
    ...roles.map(roleText),
    ...(leftOut.length === 0 ? [] : ["left out", ...leftOut.map((sentence) => `  ${sentence}`), ""]),
    ...(applied === undefined
      ? [
          "files that --apply writes",
          ...plan.files.map(({ path }) => `  ${folder}/${path}`),
          ...plan.beside.map(({ path }) => `  ${path}`),
          "",
        ]
      : ["written", ...applied.written.map((path) => `  ${path}`), ""]),
    ...(scripts && worstOf(plan) !== "blocks"
      ? [
          applied === undefined ? "then" : "nothing is stopped or started yet; next",
          `  to switch over  ${sudo}sh ${shellCommand([`${folder}/${SWITCH_OVER}`])}`,
          `  to go back      ${sudo}sh ${shellCommand([`${folder}/${GO_BACK}`])}`,
          "",
        ]
      : []),
    `roles: ${roles.length}, problems that block: ${count("blocks")}, differences: ${count("differs")}`,
    "",
  ];
  return withoutPasswords(lines.join("\n").replace(/^\n/, ""));
}

const LABELS: Readonly<Record<Note["level"], string>> = { blocks: "in the way", differs: "differs", fact: "note" };

function roleText({ plan, notes }: PlannedRole): string {
  const { found, role, args, user, configuration, data } = plan;
  const row = (label: string, text: string): string =>
    `  ${label.padEnd(10)}  ${text.replaceAll("\n", `\n${" ".repeat(14)}`)}`;
  return [
    `${role.role}, in place of ${found.original.title}`,
    row("found", originText(found.origin)),
    row("runs", commandText([found.program, ...found.words])),
    row("would run", commandText(["narthex", role.role, ...args.words])),
    ...(user === "" ? [] : [row("user", user)]),
    ...(Object.keys(plan.env).length === 0 ? [] : [row("variables", Object.keys(plan.env).join(", "))]),
    ...configuration.map((text) => row("config", text)),
    ...data.map(({ path, text }) => row("data", `${path}: ${text}`)),
    ...notes
      .toSorted((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level))
      .map(({ level, text }) => row(LABELS[level], text)),
    "",
  ].join("\n");
}

const ORDER: readonly Note["level"][] = ["blocks", "differs", "fact"];

function originText(origin: Origin): string {
  switch (origin.kind) {
    case "process":
      return `process ${origin.pid}`;
    case "unit":
      return `${origin.path}${origin.pid === undefined ? ", does not run" : `, runs as process ${origin.pid}`}`;
    case "compose":
      return `${origin.file}:${origin.line}: service ${origin.service}`;
  }
}

/** Returns a command line as shell text in which secrets are masked. */
const commandText = (words: readonly string[]): string => shellCommand(withoutSecrets(words));

const withoutSecrets = (words: readonly string[]): readonly string[] => words.map(withoutSecret);

export function jsonReport(plan: Plan, { folder, applied }: View): string {
  const roles = plan.roles.map(({ plan: { found, role, args, user, env, configuration, data }, kind, notes }) => ({
    role: role.role,
    original: found.original.title,
    origin: found.origin,
    target: kind,
    runs: withoutSecrets([found.program, ...found.words]),
    wouldRun: withoutSecrets(["narthex", role.role, ...args.words]),
    user,
    variables: Object.keys(env),
    configuration,
    data,
    notes,
  }));
  const files = [...plan.files.map(({ path }) => `${folder}/${path}`), ...plan.beside.map(({ path }) => path)];
  const report = {
    verdict: worstOf(plan),
    roles,
    leftOut: plan.leftOut,
    files,
    needsRoot: plan.needsRoot,
    written: applied?.written ?? [],
  };
  const masked = (_: string, value: unknown): unknown => (typeof value === "string" ? withoutPasswords(value) : value);
  return `${JSON.stringify(report, masked, 2)}\n`;
}
