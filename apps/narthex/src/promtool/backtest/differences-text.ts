import { type BacktestDifferences, countDifferences, timeText } from "@narthex/backtest";
import { notificationLine } from "./notifications-text.ts";

/** Differences of one kind, as lines for people. */
export interface DifferenceLines {
  readonly noun: string;
  readonly added: readonly string[];
  readonly lost: readonly string[];
}

/** Returns the differences of firings, and of notifications if the backtests have an Alertmanager. */
export function differenceLines({ firings, notifications }: BacktestDifferences): readonly DifferenceLines[] {
  const lines = [{ noun: "firings", added: firings.added.map(firingLine), lost: firings.lost.map(firingLine) }];
  if (notifications === undefined) return lines;
  const [added, lost] = [notifications.added.map(notificationLine), notifications.lost.map(notificationLine)];
  return [...lines, { noun: "notifications", added, lost }];
}

/** Returns differences as text for people. */
export function differencesText(differences: BacktestDifferences): string {
  if (countDifferences(differences) === 0)
    return differences.notifications === undefined
      ? "Both versions fire at the same times.\n"
      : "Both versions fire at the same times, and send the same notifications.\n";
  return differenceLines(differences)
    .filter(({ added, lost }) => added.length + lost.length > 0)
    .map((lines) => {
      const head = `${lines.added.length} ${lines.noun} added, ${lines.lost.length} ${lines.noun} lost:`;
      return `${[head, ...signed(lines)].join("\n")}\n`;
    })
    .join("");
}

/** Returns the lines with a sign: `+` for added, `-` for lost. */
export const signed = ({ added, lost }: DifferenceLines): readonly string[] => [
  ...added.map((line) => `+ ${line}`),
  ...lost.map((line) => `- ${line}`),
];

const firingLine = ({ labels, firedAtMs, endedAtMs }: BacktestDifferences["firings"]["added"][number]): string =>
  `${timeText(firedAtMs)} to ${timeText(endedAtMs)} ${labels}`;
