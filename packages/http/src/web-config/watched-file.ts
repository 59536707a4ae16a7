import { family, type MetricFamily, sample } from "@narthex/exposition";

/** A file whose changes are applied while a program runs, without a reload request. */
export interface WatchedFile {
  readonly path: string;
  /** Number of changes of the file since the start that could not be used. */
  readonly refusals: number;
  /** Checks the file. Returns the reason why its current content is not in use; undefined if it is in use. */
  problem(): string | undefined;
}

/**
 * Returns a metric family that counts file changes that could not be used. Returns no family without such a change,
 * because Prometheus' programs do not have this metric.
 */
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

/** Returns the problems of files by name, for status answers. Leaves out files without a problem. */
export const problemFields = (
  files: Readonly<Record<string, WatchedFile | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(files).flatMap(([name, file]) => {
      const problem = file?.problem();
      return problem === undefined ? [] : [[name, problem]];
    }),
  );
