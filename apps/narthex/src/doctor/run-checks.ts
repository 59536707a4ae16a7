import type { Check, DoctorContext } from "./check.ts";
import { error, type Finding, type Level, warning } from "./finding.ts";

export interface CheckReport {
  readonly check: string;
  /** The first findings of each level. The last finding states how many more there are. */
  readonly findings: readonly Finding[];
  /** Number of all findings of each level. */
  readonly counts: Readonly<Record<Level, number>>;
}

/**
 * Time limit of a check, as a multiple of the timeout for one request, because a check queries several services one
 * after the other.
 */
const ANSWERS_IN_TURN = 6;
/** Maximum number of findings of a level that are listed. */
const MAX_LISTED = 20;

/** Runs checks concurrently, each with a time limit. The reports are in the order of the checks. */
export const runChecks = (checks: readonly Check[], context: DoctorContext): Promise<readonly CheckReport[]> =>
  Promise.all(
    checks.map(async (check) => {
      const all = await limited(check, context);
      return { check: check.name, findings: shortened(all, check.name), counts: countsOf(all) };
    }),
  );

function countsOf(findings: readonly Finding[]): CheckReport["counts"] {
  const counts = { error: 0, warning: 0, ok: 0 };
  for (const { level } of findings) counts[level]++;
  return counts;
}

/**
 * Runs a check with a time limit. If the check fails or takes too long, returns the findings that it has reported so
 * far, and a finding about the failure.
 */
async function limited(check: Check, context: DoctorContext): Promise<readonly Finding[]> {
  const limitMs = context.timeoutMs * ANSWERS_IN_TURN;
  const isOver = new AbortController();
  const early: Finding[] = [];
  const late = context.clock
    .sleep(limitMs, isOver.signal)
    .then(() => [
      ...early,
      warning(
        `this check was stopped, because it took longer than ${limitMs / 1000} s`,
        `set a longer timeout: --timeout=${Math.ceil((context.timeoutMs * 4) / 1000)}s --check=${check.name}`,
      ),
    ]);
  late.catch(() => undefined);
  try {
    return await Promise.race([check.run(context, (finding) => void early.push(finding)), late]);
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    return [
      ...early,
      error(
        `this check failed: ${reason}`,
        `the results of the other checks are valid; run this check again: --check=${check.name}`,
      ),
    ];
  } finally {
    isOver.abort(new Error("over"));
  }
}

/** Keeps only the first findings of each level. An additional finding states how many are not listed. */
function shortened(findings: readonly Finding[], check: string): readonly Finding[] {
  const counts = new Map<Level, number>();
  const shown = findings.filter(({ level }) => {
    const count = (counts.get(level) ?? 0) + 1;
    counts.set(level, count);
    return count <= MAX_LISTED;
  });
  const rest = [...counts].filter(([, count]) => count > MAX_LISTED);
  return [
    ...shown,
    ...rest.map(([level, count]) => ({
      level,
      what: `and ${count - MAX_LISTED} more of this kind`,
      hint: level === "ok" ? "" : `solve the problems above, then check again: --check=${check}`,
    })),
  ];
}
