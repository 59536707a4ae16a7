import { slotOffset } from "@narthex/rules";
import type { Random } from "../../../support/random.ts";

/** Query offset of the second group, ms. Its queries read what the first group wrote half a second ago. */
export const SECOND_OFFSET_MS = 500;
/** An alert of both groups. Each evaluation of an episode ends the last one, and begins one with another label `second`. */
export const PULSE = "Pulse";
/** Largest distance of an evaluation from a full second, ns. */
const MAX_PHASE_NS = 40_000_000n;
const INTERVAL_MS = 1000;

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
}

export interface ScenarioGroup {
  readonly name: string;
  readonly query_offset?: string;
  readonly rules: readonly Rule[];
}

/** Returns a name for which a group of the file is evaluated at full seconds. */
function nameAtFullSeconds(file: string, prefix: string): string {
  for (let i = 0; ; i++) {
    const name = `${prefix}-${i}`;
    if (slotOffset(file, name, INTERVAL_MS) < MAX_PHASE_NS) return name;
  }
}

/**
 * Returns random rules in two groups. Each alert has the label `episode`. The alert `Pulse` is the last of each group,
 * because a server sends alerts in the order of the rules.
 */
export function scenarioGroups(random: Random, file: string): readonly ScenarioGroup[] {
  const alert = (name: string, expr: string, labels: Readonly<Record<string, string>> = {}): Rule => {
    const waits = { for: random.pick(["0s", "1s", "2s", "4s"]), keep_firing_for: random.pick(["0s", "0s", "2s"]) };
    const annotations = { text: "{{ $value }} in {{ $labels.episode }}" };
    return { alert: name, expr, ...waits, labels, annotations } as Rule;
  };
  const pulse = (group: string): Rule =>
    ({ alert: PULSE, expr: "pulse", labels: { group, second: "{{ $value }}" } }) as Rule;
  const above = (...levels: readonly number[]): string => `level > ${random.pick(levels)}`;
  return [
    {
      name: nameAtFullSeconds(file, "first"),
      rules: [
        { record: "level:max", expr: "max by (episode, team) (level)" },
        alert("High", above(4, 5, 6), { severity: "critical" }),
        alert("Elevated", above(2, 3, 4), { severity: "warning" }),
        alert("TeamHigh", "level:max > 6", { severity: "page" }),
        alert("Busy", "rate(done_total[4s]) > 4", { severity: "page" }),
        alert("Valued", above(5, 6), { value: "{{ $value }}" }),
        alert("Missing", "gate unless on (episode, instance) level"),
        // Without the label `part`, which the server's relabeling removes, these are the same alert.
        alert("Shared", above(5, 6, 7), { part: "one" }),
        alert("Shared", "level < 4", { part: "two" }),
        alert("Dropped", above(4)),
        pulse("first"),
      ],
    },
    {
      name: nameAtFullSeconds(file, "second"),
      query_offset: `${SECOND_OFFSET_MS}ms`,
      rules: [
        { record: "level:sum", expr: "sum by (episode) (level:max)" },
        alert("Chained", `level:sum > ${random.pick([10, 11, 12])}`, { severity: "page" }),
        alert("Many", 'count by (episode) (ALERTS{alertname="High", alertstate="firing"}) > 1'),
        pulse("second"),
      ],
    },
  ];
}
