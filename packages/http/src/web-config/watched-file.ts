import { family, type MetricFamily, sample } from "@narthex/exposition";

/** A file whose changes count while a role runs, without a reload. */
export interface WatchedFile {
  readonly path: string;
  /** Changes since the start that could not be used. */
  readonly refusals: number;
  /** Why the file as it is now is not what is in force; looks at it. */
  problem(): string | undefined;
}

/** Counts changes that could not be used; nothing as long as there was none: the originals have no such series. */
export function failedFileReloads(files: readonly (WatchedFile | undefined)[]): readonly MetricFamily[] {
  const looked = files.flatMap((file) => (file === undefined ? [] : [{ file, problem: file.problem() }]));
  const refused = looked.filter(({ file }) => file.refusals > 0);
  if (refused.length === 0) return [];
  return [
    family(
      "counter",
      "narthex_refused_file_changes_total",
      "Changes of a file that could not be used: the last good version stayed in force.",
      refused.map(({ file }) => sample(file.refusals, ["file", file.path])),
    ),
    family(
      "gauge",
      "narthex_file_change_refused",
      "Whether a file as it is now is not what is in force.",
      refused.map(({ file, problem }) => sample(problem === undefined ? 0 : 1, ["file", file.path])),
    ),
  ];
}

/** The problems of files by name, for status answers; no field if there is none. */
export const problemFields = (
  files: Readonly<Record<string, WatchedFile | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(files).flatMap(([name, file]) => {
      const problem = file?.problem();
      return problem === undefined ? [] : [[name, problem]];
    }),
  );
