import { diskFiles, formatProblem, SourceError } from "@narthex/config";
import { CHECK_NAMES, parsePolicy, type Policy } from "@narthex/rule-lint";

/** Reads the policy file of `--rules.lint-policy`. Rejects with the problems of the file. */
export async function readPolicy(file: string): Promise<Policy> {
  const refused = (why: string, cause?: unknown): Error =>
    new Error(`error loading the policy (--rules.lint-policy): ${why}`, { cause });
  let source: string;
  try {
    source = await diskFiles.read(file);
  } catch (error) {
    throw error instanceof SourceError ? refused(error.message, error) : error;
  }
  const loaded = parsePolicy(source, file, CHECK_NAMES);
  if (!loaded.ok) throw refused(loaded.problems.map(formatProblem).join("; "));
  return loaded.value;
}
