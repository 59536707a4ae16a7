import { shellCommand } from "../service/shell-words.ts";

/** File names of the scripts that switch to Narthex and back. */
export const SWITCH_OVER = "switch-over.sh";
export const GO_BACK = "go-back.sh";

/** Messages that a script prints if one of its lines fails. The user runs `go-back.sh` in the same folder. */
const FAILURES: Readonly<Record<string, string>> = {
  [SWITCH_OVER]: `the switch has failed, see above; sh ${GO_BACK} undoes the steps that were made`,
  [GO_BACK]: "not everything is undone: see above, and run this again",
};

/** Returns the text of a shell script that ends at the first failing line. */
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

/**
 * Returns shell lines that stop a process and wait until it has exited. They first check the process name, because
 * another process may have got the same id.
 */
export const endProcess = (pid: number, comm: string): readonly string[] => [
  `if [ "$(cat /proc/${pid}/comm 2>/dev/null)" = ${shellCommand([comm])} ]; then`,
  `  kill ${pid}`,
  `  while grep -q '^State:[[:space:]]*[^ZX]' /proc/${pid}/status 2>/dev/null; do sleep 1; done`,
  "else",
  `  echo "process ${pid} is no longer ${comm}: run narthex migrate again" >&2`,
  "  exit 1",
  "fi",
];

/**
 * Returns shell lines that stop the process in a pid file and then run the lines in `then`. If there is no pid file,
 * they do nothing.
 */
export const endStarted = (pidFile: string, then: readonly string[]): readonly string[] => [
  `if [ -e ${shellCommand([pidFile])} ]; then`,
  `pid=$(cat ${shellCommand([pidFile])})`,
  'kill "$pid" 2>/dev/null || true',
  `while grep -q '^State:[[:space:]]*[^ZX]' "/proc/$pid/status" 2>/dev/null; do sleep 1; done`,
  ...then,
  `rm -f ${shellCommand([pidFile])}`,
  "fi",
];

/** A program to start, and the files that it needs. */
export interface Start {
  readonly words: readonly string[];
  readonly cwd: string;
  /** File with environment variables, next to the script; undefined if the program needs no variables. */
  readonly envFile: string | undefined;
  readonly log: string;
  readonly pidFile: string;
}

/** Returns shell lines that start a program which keeps running after the shell ends. */
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

/** Formats variables, one on each line, so that both a shell and systemd read them correctly. */
export const environmentText = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\$`]/g, "\\$&")}"\n`)
    .join("");
