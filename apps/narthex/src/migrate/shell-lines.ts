import { shellCommand } from "../service/shell-words.ts";

/** The scripts of a plan. */
export const SWITCH_OVER = "switch-over.sh";
export const GO_BACK = "go-back.sh";

/** What a script says where one of its lines fails: the one that leads back comes from where it has been. */
const FAILURES: Readonly<Record<string, string>> = {
  [SWITCH_OVER]: `it is not done: see above; sh ${GO_BACK} takes back what is`,
  [GO_BACK]: "it is not all taken back: see above, and run this again",
};

/** A script of a shell that ends at the first line that fails. */
export function script(
  name: string,
  {
    about,
    needsRoot,
    lines,
  }: { readonly about: string; readonly needsRoot: boolean; readonly lines: readonly string[] },
): string {
  const root = needsRoot ? ['[ "$(id -u)" = 0 ] || { echo "run this as root: sudo sh $0" >&2; exit 1; }'] : [];
  return [
    "#!/bin/sh",
    `# ${about}`,
    "set -eu",
    'cd "$(dirname "$0")"',
    ...root,
    `trap '[ $? = 0 ] || echo "${FAILURES[name]!}" >&2' EXIT`,
    "",
    ...lines,
    "",
  ].join("\n");
}

/** Ends a process, and waits until it has ended; not one that has come by its number since. */
export const endProcess = (pid: number, comm: string): readonly string[] => [
  `if [ "$(cat /proc/${pid}/comm 2>/dev/null)" = ${shellCommand([comm])} ]; then`,
  `  kill ${pid}`,
  `  while grep -q '^State:[[:space:]]*[^ZX]' /proc/${pid}/status 2>/dev/null; do sleep 1; done`,
  "else",
  `  echo "process ${pid} is not ${comm} any more: run narthex migrate again" >&2`,
  "  exit 1",
  "fi",
];

/** Ends the process whose number a file holds, and does what comes then; nothing where there is no such file. */
export const endStarted = (pidFile: string, then: readonly string[]): readonly string[] => [
  `if [ -e ${shellCommand([pidFile])} ]; then`,
  `pid=$(cat ${shellCommand([pidFile])})`,
  'kill "$pid" 2>/dev/null || true',
  `while grep -q '^State:[[:space:]]*[^ZX]' "/proc/$pid/status" 2>/dev/null; do sleep 1; done`,
  ...then,
  `rm -f ${shellCommand([pidFile])}`,
  "fi",
];

interface Start {
  readonly words: readonly string[];
  readonly cwd: string;
  /** The file of its variables; undefined where it has none. Like the others it lies beside the script. */
  readonly envFile: string | undefined;
  readonly log: string;
  readonly pidFile: string;
}

/** Starts a program that goes on when the shell ends. */
export function startDetached({ words, cwd, envFile, log, pidFile }: Start): readonly string[] {
  const [output, number] = [log, pidFile].map((path) => shellCommand([path]));
  return [
    "(",
    ...(envFile === undefined ? [] : [`  set -a; . ${shellCommand([`./${envFile}`])}; set +a`]),
    `  exec >>${output} 2>&1 </dev/null`,
    `  cd ${shellCommand([cwd])}`,
    `  exec nohup ${shellCommand(words)}`,
    ") &",
    `echo $! >${number}`,
    "sleep 1",
    `kill -0 "$(cat ${number})" || { echo "it has ended: see ${log}" >&2; exit 1; }`,
  ];
}

/** Variables as a shell and systemd read them back, a line each. */
export const environmentText = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\$`]/g, "\\$&")}"\n`)
    .join("");
