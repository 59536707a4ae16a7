import { realpathSync } from "node:fs";
import { settingsOf } from "../role-settings.ts";

/** A command line that starts this program. It works in any folder and for any user. */
export interface Launcher {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Process {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly execPath: string;
  readonly script: string;
}

/**
 * Returns the command line with which this program was started: the launcher script in NARTHEX_LAUNCHER, or Node
 * itself. For Node, the command line contains the server's settings.
 */
export function launcherOf({ env, execPath, script }: Process, role: string): Launcher {
  const launcher = env["NARTHEX_LAUNCHER"] ?? "";
  if (launcher !== "") return { words: [launcher], env: {} };
  const { v8, env: variables } = settingsOf(role);
  return {
    words: [execPath, "--disable-warning=ExperimentalWarning", ...v8, realpathSync(script)],
    env: { MALLOC_ARENA_MAX: "2", ...variables },
  };
}

/** Places in which the program of a service should not or cannot be, each with a hint. */
const INSTALL_PATHS: readonly { readonly pattern: RegExp; readonly isFatal: boolean; readonly sentence: string }[] = [
  {
    pattern: /[\\/]_npx[\\/]/,
    isFatal: true,
    sentence:
      "is in npx's cache, which is emptied; install its file with `npm install --global ./narthex-VERSION.tgz` and run that",
  },
  {
    pattern: /^(?:\/private)?\/(?:tmp|var\/tmp)\//,
    isFatal: true,
    sentence: "is in a folder for temporary files, which services cannot see; move it, for example to /opt/narthex",
  },
  {
    pattern: /^(?:\/home\/|\/root\/|\/run\/user\/|\/Users\/)/,
    isFatal: false,
    sentence: "is in a home folder: if the folder is removed, the service ends; /opt/narthex is a better place",
  },
];

export const isInHome = (path: string): boolean => INSTALL_PATHS.at(-1)!.pattern.test(path);

/** Returns the problems with the location of the program that a launcher starts. */
export function placeProblems({
  words,
}: Launcher): readonly { readonly isFatal: boolean; readonly sentence: string }[] {
  return words
    .filter((word) => /^(?:\/|[A-Za-z]:[\\/])/.test(word))
    .flatMap((word) =>
      INSTALL_PATHS.filter(({ pattern }) => pattern.test(word)).map(({ isFatal, sentence }) => ({
        isFatal,
        sentence: `${word} ${sentence}`,
      })),
    );
}
