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
 * Shell expression for the boot and the clock tick at which process `$pid` started. A later process with the same id
 * differs.
 */
const START =
  '"$(cat /proc/sys/kernel/random/boot_id) $(sed "s/.*) //" "/proc/$pid/stat" 2>/dev/null | cut -d " " -f 20)"';

/**
 * Returns shell lines that stop the process in a pid file and then run the lines in `then`. Without a pid file, they do
 * nothing. A different process that now has the same id is not stopped.
 */
export function endStarted(pidFile: string, then: readonly string[]): readonly string[] {
  const file = shellCommand([pidFile]);
  return [
    `if [ -e ${file} ]; then`,
    `{ read -r pid; read -r started; } <${file} || true`,
    `if [ ${START} = "$started" ]; then`,
    '  kill "$pid" 2>/dev/null || true',
    `  while grep -q '^State:[[:space:]]*[^ZX]' "/proc/$pid/status" 2>/dev/null; do sleep 1; done`,
    "fi",
    ...then,
    `rm -f ${file}`,
    "fi",
  ];
}

/**
 * Returns shell lines that copy folders to system folders and keep the folders that existed there. A copy gets its
 * final name only when it is complete.
 * @param ready returns lines that change a copy before it gets its final name
 */
export const copyFolders = (
  copies: readonly { readonly from: string; readonly to: string }[],
  ready: (path: string) => readonly string[],
): readonly string[] =>
  copies.flatMap(({ from, to }) => {
    const [source, target, kept, part] = [from, to, keptName(to), `${to}.part`].map((path) => shellCommand([path]));
    const draft = (words: string): string => `${words} || { rm -rf ${part}; exit 1; }`;
    return [
      `rm -rf ${part}`,
      `if [ -e ${target} ] && [ ! -e ${kept} ]; then`,
      `  ${draft(`cp -a ${target} ${part}`)}`,
      "  sync",
      `  mv ${part} ${kept}`,
      "fi",
      `[ ! -e ${kept} ] || ${draft(`cp -a ${kept} ${part}`)}`,
      draft(`{ mkdir -p ${part} && cp -r ${source}/. ${part}; }`),
      ...ready(`${to}.part`),
      "sync",
      `rm -rf ${target}`,
      `mv ${part} ${target}`,
    ];
  });

/** Returns shell lines that restore the folder which copyFolders has kept. */
export const restoreFolder = (to: string): string => {
  const [target, kept] = [to, keptName(to)].map((path) => shellCommand([path]));
  return `[ ! -e ${kept} ] || { rm -rf ${target}; mv ${kept} ${target}; }`;
};

const keptName = (path: string): string => `${path}.before-narthex`;

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
    "pid=$!",
    `printf '%s\\n' "$pid" ${START} >${number} || { kill "$pid"; exit 1; }`,
    "sleep 1",
    `kill -0 "$pid" || { echo "it has ended: see ${log}" >&2; exit 1; }`,
  ];
}

/** Formats variables, one on each line, so that both a shell and systemd read them correctly. */
export const environmentText = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\$`]/g, "\\$&")}"\n`)
    .join("");
